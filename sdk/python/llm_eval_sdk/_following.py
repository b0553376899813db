"""Following a stream, without the wires: where it stands, what to ask for, how long to wait before coming back."""

from __future__ import annotations

import json
from typing import Any, Callable, Dict, List, Mapping, Optional, Tuple

from ._api import query_of
from ._retry import LONGEST_WAIT, RETRIED, backoff
from ._sse import EventParser
from .errors import APIError, StreamDataError, error_of

Event = Dict[str, Any]

SILENCE_SECONDS = 45.0
"""Three heartbeats. A connection that is silent for longer is dead, whatever TCP says."""


class StopStream(Exception):
    """Raised by a callback to end its stream."""


class Following:
    """One stream over all its connections."""

    def __init__(self, path: str, query: Mapping[str, Any], last_event_id: Optional[str], report: Callable[[Exception], None]) -> None:
        self.path = path
        self.query: Tuple[Tuple[str, str], ...] = query_of(query)
        self._last_event_id = last_event_id
        self._report = report
        self._parser = EventParser()
        self._attempt = 0
        self._first_wait = 1.0

    @property
    def headers(self) -> Dict[str, str]:
        return {} if self._last_event_id is None else {"Last-Event-ID": self._last_event_id}

    def opened(self, status: int, headers: Mapping[str, str], body: Callable[[], bytes]) -> None:
        """Looks at the head of an answer; raises where it is no stream."""
        if status != 200:
            raise error_of(status, headers, body())
        if "text/event-stream" not in headers.get("content-type", ""):
            raise APIError(status, "The answer is no event stream: is this the address of LlmEval?", headers=headers)
        self._parser = EventParser()

    def feed(self, piece: bytes) -> List[Event]:
        events = []
        for data in self._parser.feed(piece):
            try:
                event = json.loads(data)
            except ValueError:
                event = None
            if isinstance(event, dict):
                events.append(event)
                self._attempt = 0
            else:
                self._report(StreamDataError("An event of the stream is not JSON"))
        if self._parser.last_event_id is not None:
            self._last_event_id = self._parser.last_event_id
        if self._parser.retry_ms is not None:
            self._first_wait = min(30.0, max(0.1, self._parser.retry_ms / 1000))
        return events

    def wait(self, error: Optional[Exception]) -> float:
        """Seconds until the next connection; raises what coming back would not mend."""
        if isinstance(error, APIError) and error.status not in RETRIED and error.status < 500:
            raise error
        if error is not None:
            self._report(error)
        asked = error.retry_after if isinstance(error, APIError) else None
        seconds = min(asked, LONGEST_WAIT) if asked is not None else backoff(self._attempt, self._first_wait, 30.0)
        self._attempt += 1
        return seconds
