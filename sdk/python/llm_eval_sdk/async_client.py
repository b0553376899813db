"""The client for asyncio."""

from __future__ import annotations

import asyncio
import inspect
import io
import time
from types import TracebackType
from typing import Any, AsyncGenerator, AsyncIterator, Awaitable, Callable, Dict, Iterable, List, Optional, Type, Union

import aiohttp

from ._api import MAX_PAGE
from ._base import BaseClient
from ._exchange import Conversation, T, Wait, timed
from ._following import SILENCE_SECONDS, Event, Following, StopStream
from ._http import Answer, Request, lower
from .client import Texts, report_to_log
from .errors import APIConnectionError, APITimeoutError, LLMEvalError
from .trace_data import Trace

Callback = Callable[[Event], Union[None, Awaitable[None]]]
ErrorCallback = Callable[[Exception], None]

_AT_ONCE = 500_000


class AsyncLLMEvalClient(BaseClient):
    """As LLMEvalClient, with methods to await. ``capture`` needs no await: its queue has a thread of its own."""

    @property
    def _sessions(self) -> Dict[asyncio.AbstractEventLoop, aiohttp.ClientSession]:
        # There may be none yet: settings that are refused leave a client that was never made.
        sessions: Dict[asyncio.AbstractEventLoop, aiohttp.ClientSession] = vars(self).setdefault("_by_loop", {})
        return sessions

    # --- Sending ----------------------------------------------------------------------------------------------------

    async def send_trace(self, trace: Optional[Trace] = None, /, **fields: Any) -> Dict[str, Any]:
        """Stores one trace and returns the server's answer. Fields it does not know join the metadata."""
        return await self._hold(self._api.send_trace(trace, fields))

    async def send_traces_batch(
        self, traces: Iterable[Trace], source: Optional[str] = None, batch_id: Optional[str] = None
    ) -> Dict[str, Any]:
        """Stores any number of traces, a hundred to a request. ``errors`` of the answer lists those that were refused."""
        return await self._hold(self._api.send_batch(traces, source, batch_id))

    async def flush(self, timeout: float = 10.0) -> bool:
        """Waits until all that was captured is sent and ``on_error`` has heard what was refused; False when the time did not suffice."""
        return await asyncio.get_running_loop().run_in_executor(None, self._delivery.flush, timeout)

    async def shutdown(self, timeout: float = 10.0) -> bool:
        """Flushes, ends the background queue and closes the connections."""
        complete = await asyncio.get_running_loop().run_in_executor(None, self._delivery.shutdown, timeout)
        session = self._sessions.pop(asyncio.get_running_loop(), None)
        if session is not None:
            await session.close()
        return complete

    async def close(self) -> None:
        await self.shutdown()

    async def __aenter__(self) -> AsyncLLMEvalClient:
        return self

    async def __aexit__(self, kind: Optional[Type[BaseException]], error: Optional[BaseException], trace: Optional[TracebackType]) -> None:
        await self.close()

    # --- Reading and judging ------------------------------------------------------------------------------------------

    async def get_trace(self, trace_id: str) -> Dict[str, Any]:
        """One trace with the history of its verdicts."""
        return await self._hold(self._api.get_trace(trace_id))

    async def get_traces(self, limit: int = 50, status: Texts = None, **filters: Any) -> List[Dict[str, Any]]:
        """The newest traces. Filters are those of ``GET /api/traces``: model_name, session_id, tag, q, min_cost …"""
        return [trace async for page in self._pages(limit, {"status": status, **filters}) for trace in page]

    async def iter_traces(self, status: Texts = None, **filters: Any) -> AsyncGenerator[Dict[str, Any], None]:
        """All traces, newest first, read page by page."""
        async for page in self._pages(None, {"status": status, **filters}):
            for trace in page:
                yield trace

    async def evaluate_trace(
        self, trace_id: str, status: str, reason: Optional[str] = None, notes: Optional[str] = None, **more: Any
    ) -> Dict[str, Any]:
        """Gives a verdict: accepted, rejected, in_review or pending. Takes tags, corrected_response, evaluator, expected_version."""
        return await self._hold(self._api.evaluate({"trace_id": trace_id, "status": status, "reason": reason, "notes": notes, **more}))

    async def import_lines(self, lines: bytes) -> Dict[str, Any]:
        """Imports JSON Lines: webhook bodies, or the lines of an export. The answer lists what failed by line."""
        conversation = self._api.import_lines(lines)
        # Megabytes are packed here, which would hold up the loop.
        request = await asyncio.get_running_loop().run_in_executor(None, lambda: next(conversation))
        return await self._hold(conversation, request)

    async def get_stats(self) -> Dict[str, Any]:
        return await self._hold(self._api.get_stats())

    async def health_check(self) -> Dict[str, Any]:
        return await self._hold(self._api.health_check())

    async def _pages(self, limit: Optional[int], filters: Dict[str, Any]) -> AsyncIterator[List[Dict[str, Any]]]:
        cursor = None
        left = limit
        while left is None or left > 0:
            size = MAX_PAGE if left is None else min(left, MAX_PAGE)
            page = await self._hold(self._api.get_page({"limit": size, "cursor": cursor, **filters}))
            yield page["items"]
            cursor = page.get("next_cursor")
            if cursor is None:
                return
            if left is not None:
                left -= len(page["items"])

    # --- Following ----------------------------------------------------------------------------------------------------

    async def stream_events(
        self,
        callback: Callback,
        model_name: Texts = None,
        evaluation_status: Texts = None,
        *,
        client_id: Optional[str] = None,
        last_event_id: Union[str, int, None] = None,
        reconnect: bool = True,
        on_error: Optional[ErrorCallback] = None,
    ) -> None:
        """Calls back for every event, for ever, over any number of connections.

        The callback may be a coroutine function; it raises StopStream to end the stream. Its other exceptions go to ``on_error``
        where there is one, and else to whoever awaits the stream.
        """
        query = {"model_name": model_name, "evaluation_status": evaluation_status, "client_id": client_id}
        await self._call_back(callback, self._follow("/stream/events", query, last_event_id, reconnect, on_error), on_error)

    async def stream_traces(
        self,
        callback: Callback,
        limit: int = 10,
        *,
        model_name: Texts = None,
        evaluation_status: Texts = None,
        client_id: Optional[str] = None,
        last_event_id: Union[str, int, None] = None,
        reconnect: bool = True,
        on_error: Optional[ErrorCallback] = None,
    ) -> None:
        """The newest traces in one event, then trace events as they happen."""
        query = {"limit": limit, "model_name": model_name, "evaluation_status": evaluation_status, "client_id": client_id}
        await self._call_back(callback, self._follow("/stream/traces", query, last_event_id, reconnect, on_error), on_error)

    async def stream_metrics(
        self,
        callback: Callback,
        interval: int = 5,
        *,
        client_id: Optional[str] = None,
        reconnect: bool = True,
        on_error: Optional[ErrorCallback] = None,
    ) -> None:
        """The figures, at once and then every ``interval`` seconds."""
        query = {"interval": interval, "client_id": client_id}
        await self._call_back(callback, self._follow("/stream/metrics", query, None, reconnect, on_error), on_error)

    def events(
        self,
        *,
        model_name: Texts = None,
        evaluation_status: Texts = None,
        client_id: Optional[str] = None,
        last_event_id: Union[str, int, None] = None,
        on_error: Optional[ErrorCallback] = None,
    ) -> AsyncGenerator[Event, None]:
        """The same events for ``async for``."""
        query = {"model_name": model_name, "evaluation_status": evaluation_status, "client_id": client_id}
        return self._follow("/stream/events", query, last_event_id, True, on_error)

    async def _call_back(self, callback: Callback, events: AsyncGenerator[Event, None], on_error: Optional[ErrorCallback]) -> None:
        try:
            async for event in events:
                try:
                    result = callback(event)
                    if inspect.isawaitable(result):
                        await result
                except StopStream:
                    return
                except Exception as error:
                    if on_error is None:
                        raise
                    on_error(error)
        finally:
            await events.aclose()

    async def _follow(
        self,
        path: str,
        query: Dict[str, Any],
        last_event_id: Union[str, int, None],
        reconnect: bool,
        on_error: Optional[ErrorCallback],
    ) -> AsyncGenerator[Event, None]:
        following = Following(path, query, None if last_event_id is None else str(last_event_id), on_error or report_to_log)
        while True:
            error: Optional[Exception] = None
            try:
                async for event in self._connect(following):
                    yield event
            except LLMEvalError as failure:
                error = failure
            if not reconnect:
                if error is not None:
                    raise error
                return
            await asyncio.sleep(following.wait(error))

    async def _connect(self, following: Following) -> AsyncGenerator[Event, None]:
        headers = {**self._api.stream_headers(), **following.headers}
        # No limit in all, or the stream would end after five minutes; what is silent for too long is dead.
        timeout = aiohttp.ClientTimeout(total=None, sock_connect=self.timeout, sock_read=SILENCE_SECONDS)
        try:
            # A session of its own, which ends with the stream.
            async with aiohttp.ClientSession() as session, session.get(
                self.base_url + following.path, params=following.query, headers=headers, timeout=timeout, allow_redirects=False
            ) as response:
                body = b"" if response.status == 200 else await response.read()
                following.opened(response.status, lower(response.headers), lambda: body)
                # Pieces, not lines: a line may be longer than any buffer.
                async for piece in response.content.iter_any():
                    for event in following.feed(piece):
                        yield event
        except (aiohttp.ClientError, asyncio.TimeoutError, OSError) as error:
            raise _connection_error(error) from error

    # --- The wires ----------------------------------------------------------------------------------------------------

    async def _hold(self, conversation: Conversation[T], begun: Union[Request, Wait, None] = None) -> T:
        """Holds a conversation on this loop; ``begun`` is its first step where that was taken already."""
        try:
            step = begun or next(conversation)
            while True:
                if isinstance(step, Wait):
                    await asyncio.sleep(step.seconds)
                    step = conversation.send(None)
                    continue
                started = time.monotonic()
                outcome: Union[Answer, APIConnectionError]
                try:
                    async with self._open().request(
                        step.method,
                        self.base_url + step.path,
                        params=step.query,
                        headers=step.headers,
                        data=_payload(step.body),
                        timeout=aiohttp.ClientTimeout(total=self.timeout),
                        allow_redirects=False,
                    ) as response:
                        outcome = Answer(response.status, lower(response.headers), await response.read())
                except (aiohttp.ClientError, asyncio.TimeoutError, OSError) as error:
                    outcome = _connection_error(error)
                timed(step, started, outcome)
                step = conversation.send(outcome)
        except StopIteration as end:
            result: T = end.value
            return result

    def _open(self) -> aiohttp.ClientSession:
        """A session belongs to one loop; asyncio.run makes a new one each time, and each thread may have one."""
        loop = asyncio.get_running_loop()
        session = self._sessions.get(loop)
        if session is None or session.closed:
            for other in [*self._sessions]:
                if other.is_closed():
                    self._abandon(self._sessions.pop(other, None))
            session = self._sessions[loop] = aiohttp.ClientSession(skip_auto_headers=["Content-Type"])
        return session

    @staticmethod
    def _abandon(session: Optional[aiohttp.ClientSession]) -> None:
        """Lets go of connections that nobody can await the end of any more."""
        if session is None or session.closed:
            return
        try:
            if session.connector is not None:
                session.connector.close()
        except RuntimeError:
            pass  # The loop they belonged to is closed already.
        session.detach()

    def __del__(self) -> None:
        for session in self._sessions.values():
            self._abandon(session)


def _payload(body: Optional[bytes]) -> Union[bytes, io.BytesIO, None]:
    # aiohttp writes a file in pieces, and bytes at once: when they are many it warns that this holds up the loop.
    return io.BytesIO(body) if body is not None and len(body) > _AT_ONCE else body


def _connection_error(error: Exception) -> APIConnectionError:
    if isinstance(error, asyncio.TimeoutError):
        return APITimeoutError("The server did not answer in time")
    return APIConnectionError(f"The server could not be reached: {type(error).__name__}")
