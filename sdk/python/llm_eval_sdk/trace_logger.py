"""Times a call of a model and logs it."""

from __future__ import annotations

import time
from collections.abc import Mapping
from types import TracebackType
from typing import Any, Dict, List, Optional, Protocol, Type

from ._json import rfc3339
from ._text import error_fields
from .observing import parent_fields
from .trace_data import new_trace_id, utc_now


class Captures(Protocol):
    """Both clients are."""

    def capture(self, trace: Any = None, /, **fields: Any) -> str:
        ...


class TraceLogger:
    """A block around a call of a model; ``log_trace`` inside it notes what was asked and answered, and the time since the block began.

    Nothing here raises or waits: the trace goes through the client's background queue. An exception of the block itself
    is logged as an error, if nothing was logged before, and goes on its way.
    """

    def __init__(
        self,
        client: Captures,
        model_name: str,
        trace_id: Optional[str] = None,
        *,
        system_prompt: Optional[str] = None,
        metadata: Optional[Dict[str, Any]] = None,
        session_id: Optional[str] = None,
        user_id: Optional[str] = None,
    ) -> None:
        self._client = client
        self._model_name = model_name
        self._trace_id = trace_id or new_trace_id()
        self._fields = {"system_prompt": system_prompt, "session_id": session_id, "user_id": user_id}
        self._metadata: Dict[str, Any] = dict(metadata or {})
        self._functions: List[Dict[str, Any]] = []
        self._logged = 0
        self._start()

    def _start(self) -> None:
        self._began = utc_now()
        self._clock = time.perf_counter()

    @property
    def trace_id(self) -> str:
        return self._trace_id

    def add_metadata(self, **metadata: Any) -> None:
        self._metadata.update(metadata)

    def add_function_call(self, name: str, parameters: Any = None, result: Any = None, **more: Any) -> None:
        """Notes a tool that the model called."""
        self._functions.append({"name": name, "parameters": parameters, "result": result, **more})

    def log_trace(self, user_query: str, ai_response: str, **fields: Any) -> str:
        """Logs the call with the time since the block began, and returns its id. A second call in a block begins where the first ended."""
        elapsed = round((time.perf_counter() - self._clock) * 1000, 3)
        if self._logged:
            self._trace_id = new_trace_id()
        self._logged += 1
        more = fields.pop("metadata", None)
        metadata = {**self._metadata, **(more if isinstance(more, Mapping) else {})}
        trace: Dict[str, Any] = {
            **parent_fields(),
            **{name: value for name, value in self._fields.items() if value is not None},
            "trace_id": self._trace_id,
            "model_name": self._model_name,
            "user_query": user_query,
            "ai_response": ai_response,
            "timestamp": rfc3339(self._began),
            "response_time_ms": elapsed,
            "metadata": metadata or None,
            "functions_called": [*self._functions] or None,
            **{name: value for name, value in fields.items() if value is not None},
        }
        self._start()
        self._functions = []
        return self._client.capture(trace)

    def log_error(self, error: BaseException, user_query: str = "", **fields: Any) -> str:
        """Logs that the call failed."""
        return self.log_trace(user_query, "", error=error_fields(error), **fields)

    def __enter__(self) -> TraceLogger:
        self._start()
        return self

    def __exit__(self, kind: Optional[Type[BaseException]], error: Optional[BaseException], trace: Optional[TracebackType]) -> None:
        if error is not None and not self._logged:
            self.log_error(error)

    async def __aenter__(self) -> TraceLogger:
        return self.__enter__()

    async def __aexit__(self, kind: Optional[Type[BaseException]], error: Optional[BaseException], trace: Optional[TracebackType]) -> None:
        self.__exit__(kind, error, trace)
