-- Run once after a backup was restored, before a server is started on it.
--
-- What happened after the backup is gone, and its event ids would be given out a second time: a reader that had got them would take
-- new events for old ones. So ids go on far beyond any that was ever given out, and the log begins there: every reader is told so by
-- a stream_reset and reads its list anew. The text index goes on if it was up to date, else it is built anew by itself. Webhooks go on
-- with what happens from now on.
BEGIN;
UPDATE projections SET position = position + 1000000000 WHERE position = (SELECT last_id FROM event_head);
UPDATE event_head SET last_id = last_id + 1000000000;
UPDATE webhook_subscriptions SET position = (SELECT last_id FROM event_head);
DELETE FROM events;
COMMIT;
