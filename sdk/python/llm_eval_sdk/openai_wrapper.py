"""Logs what a client of the ``openai`` package asks and is answered. The package itself is not imported."""

from __future__ import annotations

import functools
import inspect
import json
import logging
import time
from typing import Any, Callable, Dict, List, Mapping, Optional, TypeVar, cast

from ._base import BaseClient
from ._json import rfc3339
from ._text import MAX_CHARACTERS, cut_text, error_fields, member, message_text, text_of
from .observing import default_client, parent_fields
from .pricing import calculate_cost
from .trace_data import utc_now

log = logging.getLogger("llm_eval_sdk")

C = TypeVar("C")

_SETTINGS = (
    "temperature",
    "top_p",
    "max_tokens",
    "max_completion_tokens",
    "max_output_tokens",
    "seed",
    "n",
    "tool_choice",
    "reasoning_effort",
)
_RAW = "x-stainless-raw-response"


def wrap_openai(client: C, *, eval_client: Optional[BaseClient] = None, metadata: Optional[Mapping[str, Any]] = None) -> C:
    """Has the client log every chat completion and response, plain or streamed, and returns the same client.

    Works on OpenAI, AsyncOpenAI and what speaks like them. What the application sees does not change: not the answers,
    not the errors, not the streams. Usage of a stream is logged where the application asks for it
    (``stream_options={"include_usage": True}``).
    """
    chat = getattr(getattr(client, "chat", None), "completions", None)
    responses = getattr(client, "responses", None)
    for resource, reader in ((chat, _Chat), (responses, _Response)):
        for method in ("create", "parse"):
            original = getattr(resource, method, None)
            if callable(original) and not hasattr(original, "_llm_eval"):
                setattr(resource, method, _logged(original, reader, eval_client, dict(metadata or {})))
    return client


def _logged(original: Callable[..., Any], reader: Any, eval_client: Optional[BaseClient], metadata: Dict[str, Any]) -> Callable[..., Any]:
    def ask(args: Any, kwargs: Any) -> Any:
        if _wants_raw(kwargs):
            return original(*args, **kwargs)
        call = _Call(kwargs, reader(), eval_client, metadata)
        try:
            result = original(*args, **kwargs)
        except BaseException as error:
            call.end(error)
            raise
        return call.awaited(result) if inspect.isawaitable(result) else call.answered(result)

    def create(*args: Any, **kwargs: Any) -> Any:
        return ask(args, kwargs)

    async def create_async(*args: Any, **kwargs: Any) -> Any:
        return await ask(args, kwargs)

    # The package has a plain function around its coroutine functions, which checks their arguments.
    is_async = inspect.iscoroutinefunction(inspect.unwrap(original))
    logged: Any = functools.update_wrapper(create_async if is_async else create, original)
    logged._llm_eval = True
    return cast(Callable[..., Any], logged)


def _wants_raw(kwargs: Mapping[str, Any]) -> bool:
    headers = kwargs.get("extra_headers")
    return isinstance(headers, Mapping) and any(str(name).lower() == _RAW for name in headers)


class _Call:
    """One call from its beginning to the end of its answer."""

    def __init__(self, request: Mapping[str, Any], reader: Any, client: Optional[BaseClient], metadata: Dict[str, Any]) -> None:
        self._request = request
        self._reader = reader
        self._client = client
        self._metadata = metadata
        self._parent = parent_fields()
        self._began = utc_now()
        self._clock = time.perf_counter()
        self._first: Optional[float] = None
        self._ended = False

    async def awaited(self, result: Any) -> Any:
        try:
            answer = await result
        except BaseException as error:
            self.end(error)
            raise
        return self.answered(answer)

    def answered(self, answer: Any) -> Any:
        if self._request.get("stream") and hasattr(answer, "__aiter__"):
            return _AsyncStream(answer, self)
        if self._request.get("stream") and hasattr(answer, "__iter__"):
            return _Stream(answer, self)
        self._guarded(self._reader.answer, answer)
        self.end()
        return answer

    def chunk(self, chunk: Any) -> None:
        if self._first is None:
            self._first = self._elapsed()
        self._guarded(self._reader.chunk, chunk)

    def end(self, error: Optional[BaseException] = None) -> None:
        """Logs the call, once. Never raises."""
        if not self._ended:
            self._ended = True
            self._guarded(self._capture, error)

    def _capture(self, error: Optional[BaseException]) -> None:
        model = text_of(self._request.get("model")) or "unknown"
        reader = self._reader
        settings = {name: self._request[name] for name in _SETTINGS if isinstance(self._request.get(name), (str, int, float))}
        trace: Dict[str, Any] = {
            **self._parent,
            "model_name": model,
            "timestamp": rfc3339(self._began),
            "response_time_ms": self._elapsed(),
            **reader.question(self._request),
            "ai_response": cut_text(reader.text),
            "functions_called": reader.functions or None,
            "tokens_used": member(reader.usage, "total_tokens"),
            "prompt_tokens": _first(reader.usage, "prompt_tokens", "input_tokens"),
            "completion_tokens": _first(reader.usage, "completion_tokens", "output_tokens"),
            "cost": calculate_cost(reader.usage, reader.model or model),
            "metadata": {
                **settings,
                **reader.metadata,
                **({} if self._first is None else {"first_chunk_ms": self._first}),
                **self._metadata,
            },
        }
        if error is not None:
            trace["error"] = error_fields(error)
        (self._client or default_client()).capture(trace)

    def _elapsed(self) -> float:
        return round((time.perf_counter() - self._clock) * 1000, 3)

    @staticmethod
    def _guarded(action: Callable[[Any], None], about: Any) -> None:
        try:
            action(about)
        except Exception as fault:
            log.debug("An answer could not be read: %s", type(fault).__name__)


class _StreamBase:
    """A stream of the ``openai`` package that logs when it ends, fails or is left."""

    def __init__(self, inner: Any, call: _Call) -> None:
        self._inner = inner
        self._call = call

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    def __del__(self) -> None:
        self._call.end()


class _Stream(_StreamBase):
    def __iter__(self) -> _Stream:
        return self

    def __next__(self) -> Any:
        try:
            chunk = next(self._inner)
        except StopIteration:
            self._call.end()
            raise
        except BaseException as error:
            self._call.end(error)
            raise
        self._call.chunk(chunk)
        return chunk

    def close(self) -> None:
        self._inner.close()
        self._call.end()

    def __enter__(self) -> _Stream:
        return self

    def __exit__(self, *_: Any) -> None:
        self.close()


class _AsyncStream(_StreamBase):
    def __aiter__(self) -> _AsyncStream:
        return self

    async def __anext__(self) -> Any:
        try:
            chunk = await self._inner.__anext__()
        except StopAsyncIteration:
            self._call.end()
            raise
        except BaseException as error:
            self._call.end(error)
            raise
        self._call.chunk(chunk)
        return chunk

    async def close(self) -> None:
        await self._inner.close()
        self._call.end()

    async def __aenter__(self) -> _AsyncStream:
        return self

    async def __aexit__(self, *_: Any) -> None:
        await self.close()


class _Reader:
    """What an answer says, put together from a whole or from pieces."""

    def __init__(self) -> None:
        self._pieces: List[str] = []
        self._size = 0
        self.functions: List[Dict[str, Any]] = []
        self.usage: Any = None
        self.model: Optional[str] = None
        self.metadata: Dict[str, Any] = {}

    @property
    def text(self) -> str:
        return "".join(self._pieces)

    def _add(self, text: Any) -> None:
        if isinstance(text, str) and self._size < MAX_CHARACTERS:
            self._pieces.append(text)
            self._size += len(text)

    def _add_head(self, answer: Any) -> None:
        self.usage = member(answer, "usage") or self.usage
        self.model = member(answer, "model") or self.model
        if member(answer, "id"):
            self.metadata["response_id"] = member(answer, "id")
        if self.model:
            self.metadata["response_model"] = self.model


class _Chat(_Reader):
    def __init__(self) -> None:
        super().__init__()
        self._calls: Dict[int, Dict[str, Any]] = {}

    @staticmethod
    def question(request: Mapping[str, Any]) -> Dict[str, Any]:
        return _question(request.get("messages") or [], None)

    def answer(self, answer: Any) -> None:
        self._add_head(answer)
        choices = member(answer, "choices") or []
        if choices:
            message = member(choices[0], "message")
            self._add(member(message, "content") or member(message, "refusal"))
            calls = [member(call, "function") for call in member(message, "tool_calls") or []]
            self.functions = [_function(member(call, "name"), member(call, "arguments")) for call in calls if call is not None]
            self._finish(choices[0])

    def chunk(self, chunk: Any) -> None:
        self._add_head(chunk)
        # Of several answers, whose pieces come mixed, the first.
        for choice in [one for one in member(chunk, "choices") or [] if not member(one, "index")]:
            delta = member(choice, "delta")
            self._add(member(delta, "content") or member(delta, "refusal"))
            for part in member(delta, "tool_calls") or []:
                # The name comes once, the arguments in pieces, several calls interleaved.
                call = self._calls.setdefault(member(part, "index") or 0, {"name": "", "arguments": ""})
                function = member(part, "function")
                call["name"] += member(function, "name") or ""
                call["arguments"] += member(function, "arguments") or ""
            self._finish(choice)
        if self._calls:
            self.functions = [_function(call["name"], call["arguments"]) for _, call in sorted(self._calls.items())]

    def _finish(self, choice: Any) -> None:
        if member(choice, "finish_reason"):
            self.metadata["finish_reason"] = member(choice, "finish_reason")


class _Response(_Reader):
    @staticmethod
    def question(request: Mapping[str, Any]) -> Dict[str, Any]:
        given = request.get("input")
        instructions = request.get("instructions")
        if isinstance(given, str) or given is None:
            fields = {"user_query": cut_text(given or "")}
            return {**fields, "system_prompt": cut_text(instructions)} if isinstance(instructions, str) else fields
        return _question(given, instructions)

    def answer(self, answer: Any) -> None:
        self._add_head(answer)
        self._pieces, self._size, self.functions = [], 0, []
        for item in member(answer, "output") or []:
            if member(item, "type") == "function_call":
                self.functions.append(_function(member(item, "name"), member(item, "arguments")))
            for part in member(item, "content") or [] if member(item, "type") == "message" else []:
                self._add(member(part, "text") or member(part, "refusal"))
        if member(answer, "status"):
            self.metadata["finish_reason"] = member(answer, "status")

    def chunk(self, event: Any) -> None:
        if member(event, "type") == "response.output_text.delta":
            self._add(member(event, "delta"))
        elif member(event, "type") in ("response.completed", "response.incomplete", "response.failed"):
            self.answer(member(event, "response"))


def _question(messages: Any, instructions: Optional[str]) -> Dict[str, Any]:
    """The last thing the user said, and what the model was told to be."""
    said = [(member(message, "role"), message_text(member(message, "content"))) for message in messages]
    asked = [text for role, text in said if role == "user"]
    told = ([instructions] if instructions else []) + [text for role, text in said if role in ("system", "developer")]
    return {
        "user_query": cut_text(asked[-1] if asked else said[-1][1] if said else ""),
        "system_prompt": cut_text("\n\n".join(told)) if told else None,
    }


def _function(name: Any, arguments: Any) -> Dict[str, Any]:
    try:
        parameters = json.loads(arguments) if arguments else None
    except (TypeError, ValueError):
        parameters = arguments
    return {"name": name or "unknown", "parameters": parameters}


def _first(holder: Any, *names: str) -> Any:
    return next((value for value in (member(holder, name) for name in names) if value is not None), None)
