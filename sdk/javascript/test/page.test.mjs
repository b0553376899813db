// The background queue in a page: what happens when it is left, and when it comes back. Its process has no other queue.
import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { LLMEvalClient } from 'llm-eval-sdk';
import { aTrace, runScript } from './support.mjs';

const turn = () => new Promise(setImmediate);
const stored = () => new Response('{"processed_count": 1, "errors": null}');

let listeners;
let posts;
beforeEach(() => {
  listeners = new Map();
  posts = [];
  globalThis.addEventListener = (name, listener) => listeners.set(name, listener);
  globalThis.removeEventListener = (name) => listeners.delete(name);
});
// What a failed test left on its way would be waited for at the end of the process.
afterEach(() => posts.forEach((post) => post.answer(stored())));

const leave = () => listeners.get('pagehide')();

/** A client whose posts wait until the test answers them. */
const clientOf = (options) => new LLMEvalClient('http://page.invalid', {
  onError: () => {},
  gzip: false,
  fetch: (_, { body, keepalive = false }) => new Promise((answer, fail) => {
    const ids = JSON.parse(new TextDecoder().decode(body)).traces.map((trace) => trace.trace_id);
    posts.push({ ids, keepalive, answer, fail });
  }),
  ...options,
});

describe('a page that is left', () => {
  it('hands over what fits, past what does not', async () => {
    const client = clientOf({ flushIntervalMs: 1e6 });
    for (const [traceId, length] of [['before', 10], ['too-large', 70_000], ['large', 40_000], ['too-much', 30_000], ['after', 10]]) {
      client.capture(aTrace({ traceId, aiResponse: 'x'.repeat(length) }));
    }
    leave();
    await turn();
    assert.deepEqual(posts.map(({ ids, keepalive }) => [ids, keepalive]), [[['before', 'large', 'after'], true]]);

    posts[0].answer(stored());
    const flushed = client.flush();
    await turn();
    assert.deepEqual(posts.slice(1).map(({ ids, keepalive }) => [ids, keepalive]), [[['too-large', 'too-much'], false]]);
    posts[1].answer(stored());
    assert.ok(await flushed);
    assert.deepEqual([client.stats.delivered, listeners.size], [5, 0]);
  });

  it('sends what did not get through when it comes back', async (test) => {
    test.mock.timers.enable({ apis: ['setTimeout'] });
    const client = clientOf();
    client.capture(aTrace({ traceId: 'kept' }));
    leave();
    await turn();
    // The time for what waited is up while it is on its way.
    test.mock.timers.tick(2_000);
    await turn();
    posts[0].fail(new TypeError('Failed to fetch'));
    await turn();
    assert.deepEqual([client.stats.queued, posts.length, listeners.size > 0], [1, 1, true]);

    test.mock.timers.tick(2_000);
    await turn();
    assert.deepEqual(posts.map(({ ids, keepalive }) => [ids, keepalive]), [[['kept'], true], [['kept'], false]]);
    posts[1].answer(stored());
    await turn();
    assert.deepEqual(client.stats, { queued: 0, delivered: 1, dropped: 0, rejected: 0 });
  });

  // In processes of their own: a flush that spins lets nothing else have a turn, not even the end of a test.
  const runPage = async (code) => (await runScript('http://page.invalid', `
    import { LLMEvalClient } from 'llm-eval-sdk';
    let leave;
    globalThis.addEventListener = (_, listener) => { leave = listener; };
    const answers = [];
    const fetch = (_, { signal }) => new Promise((answer, fail) => {
      answers.push(answer);
      signal.addEventListener('abort', () => fail(signal.reason));
    });
    const client = new LLMEvalClient({ fetch, onError: (_, ids) => console.log(ids.join()) });
    client.capture({ traceId: 'kept', modelName: 'm', userQuery: 'q', aiResponse: 'a' });
    leave();
    ${code}
  `)).output;

  it('is waited for by a flush, until its time is up', async () => {
    const output = await runPage(`
      console.log(await client.flush(1));
      setImmediate(() => answers[0](new Response('{"processed_count": 1}')));
      console.log(await client.flush(), client.stats.delivered, answers.length);
    `);
    assert.equal(output, 'false\ntrue 1 1\n');
  });

  it('takes back what is on its way when the client is shut down', async () => {
    const output = await runPage('console.log(await client.shutdown(0), client.stats.queued, client.stats.dropped);');
    assert.equal(output, 'kept\nfalse 0 1\n');
  });
});
