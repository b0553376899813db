"""The client for ordinary, synchronous code."""

from __future__ import annotations

import logging
import time
from types import TracebackType
from typing import Any, Callable, Dict, Generator, Iterable, Iterator, List, Optional, Sequence, Tuple, Type, Union

import requests

from ._api import MAX_PAGE
from ._base import BaseClient
from ._following import SILENCE_SECONDS, Event, Following
from ._http import RequestsTransport, connection_error, lower, read_body
from .errors import LLMEvalError
from .trace_data import Trace

log = logging.getLogger("llm_eval_sdk")

Texts = Union[str, Sequence[str], None]


class LLMEvalClient(BaseClient):
    """Sends traces and reads them back. May be shared by threads, and survives a fork."""

    # --- Sending ----------------------------------------------------------------------------------------------------

    def send_trace(self, trace: Optional[Trace] = None, /, **fields: Any) -> Dict[str, Any]:
        """Stores one trace and returns the server's answer. Fields it does not know join the metadata."""
        return self._run(self._api.send_trace(trace, fields))

    def send_traces_batch(self, traces: Iterable[Trace], source: Optional[str] = None, batch_id: Optional[str] = None) -> Dict[str, Any]:
        """Stores any number of traces, a hundred to a request. ``errors`` of the answer lists those that were refused."""
        return self._run(self._api.send_batch(traces, source, batch_id))

    def flush(self, timeout: float = 10.0) -> bool:
        """Waits until all that was captured is sent and ``on_error`` has heard what was refused; False when the time did not suffice."""
        return self._delivery.flush(timeout)

    def shutdown(self, timeout: float = 10.0) -> bool:
        """Flushes, and ends the background queue. Later captures are dropped."""
        complete = self._delivery.shutdown(timeout)
        self._leave_thread()
        return complete

    def close(self) -> None:
        self.shutdown()

    def __enter__(self) -> LLMEvalClient:
        return self

    def __exit__(self, kind: Optional[Type[BaseException]], error: Optional[BaseException], trace: Optional[TracebackType]) -> None:
        self.close()

    # --- Reading and judging ------------------------------------------------------------------------------------------

    def get_trace(self, trace_id: str) -> Dict[str, Any]:
        """One trace with the history of its verdicts."""
        return self._run(self._api.get_trace(trace_id))

    def get_traces(self, limit: int = 50, status: Texts = None, **filters: Any) -> List[Dict[str, Any]]:
        """The newest traces. Filters are those of ``GET /api/traces``: model_name, session_id, tag, q, min_cost …"""
        traces: List[Dict[str, Any]] = []
        for page in self._pages(limit, {"status": status, **filters}):
            traces += page
        return traces

    def iter_traces(self, status: Texts = None, **filters: Any) -> Generator[Dict[str, Any], None, None]:
        """All traces, newest first, read page by page."""
        for page in self._pages(None, {"status": status, **filters}):
            yield from page

    def evaluate_trace(
        self, trace_id: str, status: str, reason: Optional[str] = None, notes: Optional[str] = None, **more: Any
    ) -> Dict[str, Any]:
        """Gives a verdict: accepted, rejected, in_review or pending. Takes tags, corrected_response, evaluator, expected_version."""
        return self._run(self._api.evaluate({"trace_id": trace_id, "status": status, "reason": reason, "notes": notes, **more}))

    def import_lines(self, lines: bytes) -> Dict[str, Any]:
        """Imports JSON Lines: webhook bodies, or the lines of an export. The answer lists what failed by line."""
        return self._run(self._api.import_lines(lines))

    def get_stats(self) -> Dict[str, Any]:
        return self._run(self._api.get_stats())

    def health_check(self) -> Dict[str, Any]:
        return self._run(self._api.health_check())

    def _pages(self, limit: Optional[int], filters: Dict[str, Any]) -> Iterator[List[Dict[str, Any]]]:
        cursor = None
        left = limit
        while left is None or left > 0:
            size = MAX_PAGE if left is None else min(left, MAX_PAGE)
            page = self._run(self._api.get_page({"limit": size, "cursor": cursor, **filters}))
            yield page["items"]
            cursor = page.get("next_cursor")
            if cursor is None:
                return
            if left is not None:
                left -= len(page["items"])

    # --- Following ----------------------------------------------------------------------------------------------------

    def stream_events(
        self,
        *,
        model_name: Texts = None,
        evaluation_status: Texts = None,
        client_id: Optional[str] = None,
        last_event_id: Union[str, int, None] = None,
        on_error: Optional[Callable[[Exception], None]] = None,
    ) -> Generator[Event, None, None]:
        """Events as they happen, over any number of connections; leave the loop to end it."""
        query = {"model_name": model_name, "evaluation_status": evaluation_status, "client_id": client_id}
        return self._follow("/stream/events", query, last_event_id, on_error)

    def stream_traces(
        self,
        limit: int = 10,
        *,
        model_name: Texts = None,
        evaluation_status: Texts = None,
        client_id: Optional[str] = None,
        last_event_id: Union[str, int, None] = None,
        on_error: Optional[Callable[[Exception], None]] = None,
    ) -> Generator[Event, None, None]:
        """The newest traces in one event, then trace events as they happen."""
        query = {"limit": limit, "model_name": model_name, "evaluation_status": evaluation_status, "client_id": client_id}
        return self._follow("/stream/traces", query, last_event_id, on_error)

    def stream_metrics(
        self, interval: int = 5, *, client_id: Optional[str] = None, on_error: Optional[Callable[[Exception], None]] = None
    ) -> Generator[Event, None, None]:
        """The figures, at once and then every ``interval`` seconds."""
        return self._follow("/stream/metrics", {"interval": interval, "client_id": client_id}, None, on_error)

    def _follow(
        self,
        path: str,
        query: Dict[str, Any],
        last_event_id: Union[str, int, None],
        on_error: Optional[Callable[[Exception], None]],
    ) -> Generator[Event, None, None]:
        following = Following(path, query, None if last_event_id is None else str(last_event_id), on_error or report_to_log)
        # A transport of its own: the connection of a stream is not one to send traces over.
        transport = RequestsTransport()
        while True:
            error: Optional[Exception] = None
            try:
                yield from self._connect(following, transport)
            except LLMEvalError as failure:
                error = failure
            time.sleep(following.wait(error))

    def _connect(self, following: Following, transport: RequestsTransport) -> Generator[Event, None, None]:
        headers = {**self._api.stream_headers(), **following.headers}
        timeout: Tuple[float, float] = (self.timeout, SILENCE_SECONDS)
        response = transport.open(self.base_url + following.path, query=following.query, headers=headers, timeout=timeout)
        try:
            following.opened(response.status_code, lower(response.headers), lambda: read_body(response))
            chunked = "chunked" in response.headers.get("Transfer-Encoding", "")
            pieces = response.iter_content(chunk_size=None if chunked else 1)
            while True:
                try:
                    piece = next(pieces, None)
                except requests.RequestException as error:
                    raise connection_error(error) from error
                if piece is None:
                    return
                yield from following.feed(piece)
        finally:
            response.close()
            transport.close()


def report_to_log(error: Exception) -> None:
    log.warning("The stream was interrupted and goes on: %s", type(error).__name__)
