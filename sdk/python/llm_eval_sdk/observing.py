"""Observing functions: a decorator and a block that log what went in, what came out, and what was called inside."""

from __future__ import annotations

import functools
import inspect
import logging
import time
from collections.abc import Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Callable, Dict, Iterator, List, Optional, TypeVar, Union, cast, overload

from ._base import BaseClient
from ._json import rfc3339
from ._text import MAX_CHARACTERS, error_fields, text_of
from .client import LLMEvalClient
from .trace_data import new_trace_id, utc_now

log = logging.getLogger("llm_eval_sdk")

F = TypeVar("F", bound=Callable[..., Any])

_current: ContextVar[Optional["Observation"]] = ContextVar("llm_eval_observation", default=None)
_default: Optional[BaseClient] = None
_is_told = False

_INHERITED = ("session_id", "user_id", "environment")
_MAX_PIECES = 10_000


def use_client(client: BaseClient) -> None:
    """Names the client of all that is observed without one."""
    global _default
    _default = client


def default_client() -> BaseClient:
    """The client that was named, else one made from the environment. Raises ValueError where that cannot be."""
    global _default, _is_told
    client = _default
    if client is None:
        # Without a lock, which a fork or a finalizer in the midst would find locked for ever. One client too many does no harm.
        try:
            client = _default = LLMEvalClient()
        except ValueError as error:
            if not _is_told:
                _is_told = True
                log.warning("Nothing is captured without a client, and none can be made of the environment: %s", error)
            raise
    return client


def current_trace() -> Optional[Observation]:
    """The observation that this code runs in, to add to it: ``current_trace().update(tokens_used=…)``."""
    return _current.get()


def parent_fields() -> Dict[str, Any]:
    """What a trace takes over from the observation around it."""
    parent = _current.get()
    if parent is None:
        return {}
    return {"parent_id": parent.trace_id, **{name: parent.fields[name] for name in _INHERITED if parent.fields.get(name) is not None}}


class Observation:
    """A call that is being observed."""

    def __init__(self, name: str, kind: str, client: Optional[BaseClient]) -> None:
        self.trace_id = new_trace_id()
        self.name = name
        self.kind = kind
        parent = _current.get()
        self._client: Optional[BaseClient] = client or (parent._client if parent else None)
        self.fields: Dict[str, Any] = {"user_query": "", "ai_response": "", **parent_fields()}
        self.metadata: Dict[str, Any] = {"kind": kind, "name": name}
        self._began = utc_now()
        self._clock = time.perf_counter()
        self._pieces: List[Any] = []
        self._size = 0

    def update(self, **fields: Any) -> None:
        """Sets fields of the trace, such as tokens_used, cost, model_name or session_id; metadata is added to."""
        metadata = fields.pop("metadata", None)
        if isinstance(metadata, Mapping):
            self.metadata.update(metadata)
        self.fields.update(fields)

    @contextmanager
    def active(self) -> Iterator[None]:
        before = _current.get()
        token = _current.set(self)
        try:
            yield
        finally:
            try:
                _current.reset(token)
            except ValueError:
                # A generator that went on in another context, such as that of another thread: a copy of the first, or one that knows nothing.
                if _current.get() is self:
                    _current.set(before)

    def collect(self, piece: Any) -> None:
        """Keeps what a generator yields, up to a limit: some never end."""
        if self._size < MAX_CHARACTERS and len(self._pieces) < _MAX_PIECES:
            self._pieces.append(piece)
            self._size += len(piece) if isinstance(piece, (str, bytes, bytearray, list, tuple, dict)) else 64

    @property
    def collected(self) -> Any:
        return "".join(self._pieces) if all(isinstance(piece, str) for piece in self._pieces) else self._pieces

    def end(self, error: Optional[BaseException] = None) -> None:
        """Logs the call. Never raises."""
        try:
            if error is not None:
                self.fields["error"] = error_fields(error)
            client = self._client or default_client()
            client.capture(
                {
                    "trace_id": self.trace_id,
                    "model_name": self.name,
                    "timestamp": rfc3339(self._began),
                    "response_time_ms": round((time.perf_counter() - self._clock) * 1000, 3),
                    **self.fields,
                    "metadata": self.metadata,
                }
            )
        except Exception as fault:
            log.debug("An observation could not be logged: %s", type(fault).__name__)


@contextmanager
def span(name: str, kind: str = "span", *, client: Optional[BaseClient] = None) -> Iterator[Observation]:
    """Observes a block."""
    observation = Observation(name, kind, client)
    try:
        with observation.active():
            yield observation
    except BaseException as error:
        observation.end(error)
        raise
    observation.end()


@overload
def observe(func: F) -> F:
    ...


@overload
def observe(
    *,
    name: Optional[str] = None,
    kind: str = "span",
    capture_input: bool = True,
    capture_output: bool = True,
    client: Optional[BaseClient] = None,
) -> Callable[[F], F]:
    ...


def observe(
    func: Optional[F] = None,
    *,
    name: Optional[str] = None,
    kind: str = "span",
    capture_input: bool = True,
    capture_output: bool = True,
    client: Optional[BaseClient] = None,
) -> Union[F, Callable[[F], F]]:
    """Logs every call of a function, coroutine function, generator or async generator.

    :param name: of the trace; else that of the function
    :param kind: span, llm, tool, agent or retriever
    :param capture_input: whether the arguments are logged
    :param capture_output: whether the result is logged
    :param client: else that of the observation around it, else the default client
    :raises TypeError: what is given is no function
    """

    def decorate(function: F) -> F:
        kind_of_method: Any = type(function)
        inner = function.__func__ if isinstance(function, (classmethod, staticmethod)) else function
        if not callable(inner):
            raise TypeError(f"observe takes a function, not {type(function).__name__}; a name is given as @observe(name=...)")
        wrapped = _Observer(inner, name, kind, capture_input, capture_output, client).wrapped
        return cast(F, wrapped if inner is function else kind_of_method(wrapped))

    return decorate if func is None else decorate(func)


class _Observer:
    def __init__(
        self, function: Any, name: Optional[str], kind: str, capture_input: bool, capture_output: bool, client: Optional[BaseClient]
    ) -> None:
        self._function = function
        self._name = name or getattr(function, "__qualname__", type(function).__name__).rsplit("<locals>.", 1)[-1]
        self._kind = kind
        self._capture_input = capture_input
        self._capture_output = capture_output
        self._client = client
        try:
            self._signature: Optional[inspect.Signature] = inspect.signature(function)
        except (TypeError, ValueError):
            self._signature = None

    @property
    def wrapped(self) -> Any:
        function = self._function
        if inspect.isasyncgenfunction(function):
            return self._async_generator()
        if inspect.isgeneratorfunction(function):
            return self._generator()
        return self._coroutine() if inspect.iscoroutinefunction(function) else self._plain()

    def _begin(self, args: Any, kwargs: Any) -> Observation:
        observation = Observation(self._name, self._kind, self._client)
        try:
            if isinstance(kwargs.get("model"), str):
                observation.fields["model_name"] = kwargs["model"]
            if self._capture_input:
                observation.fields["user_query"] = self._text_of_input(args, kwargs)
        except Exception as fault:
            log.debug("The input of a call could not be read: %s", type(fault).__name__)
        return observation

    def _text_of_input(self, args: Any, kwargs: Any) -> str:
        given: Dict[str, Any] = {**{str(i): value for i, value in enumerate(args)}, **kwargs}
        if self._signature is not None:
            given = dict(self._signature.bind_partial(*args, **kwargs).arguments)
            if next(iter(self._signature.parameters), None) in ("self", "cls"):
                given.pop(next(iter(self._signature.parameters)), None)
        return text_of(next(iter(given.values())) if len(given) == 1 else given) if given else ""

    def _note(self, observation: Observation, result: Any) -> None:
        # What the function set itself by update() stands.
        if self._capture_output and not observation.fields["ai_response"]:
            try:
                observation.fields["ai_response"] = text_of(result)
            except Exception as fault:
                log.debug("The result of a call could not be read: %s", type(fault).__name__)

    def _plain(self) -> Any:
        @functools.wraps(self._function)
        def wrapper(*args: Any, **kwargs: Any) -> Any:
            observation = self._begin(args, kwargs)
            try:
                with observation.active():
                    result = self._function(*args, **kwargs)
            except BaseException as error:
                observation.end(error)
                raise
            if inspect.iscoroutine(result):
                # Of a coroutine function that something hides, such as another decorator or an object with an async __call__.
                return self._awaited(observation, lambda: result)
            self._note(observation, result)
            observation.end()
            return result

        return wrapper

    async def _awaited(self, observation: Observation, call: Callable[[], Any]) -> Any:
        try:
            with observation.active():
                result = await call()
        except BaseException as error:
            observation.end(error)
            raise
        self._note(observation, result)
        observation.end()
        return result

    def _coroutine(self) -> Any:
        @functools.wraps(self._function)
        async def wrapper(*args: Any, **kwargs: Any) -> Any:
            return await self._awaited(self._begin(args, kwargs), functools.partial(self._function, *args, **kwargs))

        return wrapper

    def _generator(self) -> Any:
        @functools.wraps(self._function)
        def wrapper(*args: Any, **kwargs: Any) -> Any:
            observation = self._begin(args, kwargs)
            generator = self._function(*args, **kwargs)
            resume: Callable[[], Any] = functools.partial(next, generator)
            failure: Optional[BaseException] = None
            try:
                while True:
                    try:
                        # Active only while the generator itself runs, not while its user does.
                        with observation.active():
                            piece = resume()
                    except StopIteration as end:
                        return end.value
                    observation.collect(piece)
                    try:
                        resume = functools.partial(generator.send, (yield piece))
                    except GeneratorExit:
                        generator.close()
                        raise
                    except BaseException as thrown:
                        resume = functools.partial(generator.throw, thrown)
            except BaseException as error:
                failure = None if isinstance(error, GeneratorExit) else error
                raise
            finally:
                self._note(observation, observation.collected)
                observation.end(failure)

        return wrapper

    def _async_generator(self) -> Any:
        @functools.wraps(self._function)
        async def wrapper(*args: Any, **kwargs: Any) -> Any:
            observation = self._begin(args, kwargs)
            generator = self._function(*args, **kwargs)
            resume: Callable[[], Any] = generator.__anext__
            failure: Optional[BaseException] = None
            try:
                while True:
                    try:
                        with observation.active():
                            piece = await resume()
                    except StopAsyncIteration:
                        return
                    observation.collect(piece)
                    try:
                        resume = functools.partial(generator.asend, (yield piece))
                    except GeneratorExit:
                        await generator.aclose()
                        raise
                    except BaseException as thrown:
                        resume = functools.partial(generator.athrow, thrown)
            except BaseException as error:
                failure = None if isinstance(error, GeneratorExit) else error
                raise
            finally:
                self._note(observation, observation.collected)
                observation.end(failure)

        return wrapper
