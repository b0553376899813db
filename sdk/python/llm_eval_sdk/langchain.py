"""A callback handler for LangChain: every model call, tool, retriever and chain becomes a trace, nested as they ran."""

from __future__ import annotations

import functools
import logging
import threading
import time
from collections import OrderedDict
from typing import Any, Callable, Dict, List, Mapping, Optional, Sequence, TypeVar, cast

from ._base import BaseClient
from ._json import rfc3339
from ._text import error_fields, member, message_text, text_of
from .observing import default_client, parent_fields
from .pricing import calculate_cost
from .trace_data import utc_now

try:
    from langchain_core.callbacks import BaseCallbackHandler
except ImportError:
    try:
        from langchain.callbacks.base import BaseCallbackHandler
    except ImportError:
        raise ImportError("llm_eval_sdk.langchain needs LangChain: pip install langchain-core") from None

log = logging.getLogger("llm_eval_sdk")

F = TypeVar("F", bound=Callable[..., None])

_MAX_OPEN = 10_000


def _quiet(note: F) -> F:
    """Whatever goes wrong while a run is noted is no concern of the application's."""

    @functools.wraps(note)
    def quiet(*args: Any, **kwargs: Any) -> None:
        try:
            note(*args, **kwargs)
        except Exception as fault:
            log.debug("A run could not be noted: %s", type(fault).__name__)

    return cast(F, quiet)


class EvalCallbackHandler(BaseCallbackHandler):  # type: ignore[misc]
    """Give it to any model, chain or agent: ``model.invoke(question, config={"callbacks": [EvalCallbackHandler(client)]})``."""

    def __init__(self, eval_client: Optional[BaseClient] = None, *, metadata: Optional[Mapping[str, Any]] = None) -> None:
        super().__init__()
        self._client = eval_client
        self._metadata = dict(metadata or {})
        self._open: OrderedDict[str, Dict[str, Any]] = OrderedDict()
        self._lock = threading.Lock()

    # --- Models -------------------------------------------------------------------------------------------------------

    @_quiet
    def on_llm_start(self, serialized: Any, prompts: List[str], *, run_id: Any = None, parent_run_id: Any = None, **kwargs: Any) -> None:
        self._begin(run_id, parent_run_id, _model(serialized, kwargs), "llm", "\n\n".join(prompts), kwargs)

    @_quiet
    def on_chat_model_start(
        self, serialized: Any, messages: List[List[Any]], *, run_id: Any = None, parent_run_id: Any = None, **kwargs: Any
    ) -> None:
        said = [(member(message, "type"), message_text(member(message, "content"))) for message in (messages[0] if messages else [])]
        asked = [text for role, text in said if role == "human"]
        told = [text for role, text in said if role == "system"]
        query = asked[-1] if asked else said[-1][1] if said else ""
        self._begin(run_id, parent_run_id, _model(serialized, kwargs), "llm", query, kwargs, system_prompt="\n\n".join(told) or None)

    @_quiet
    def on_llm_new_token(self, token: str, *, run_id: Any = None, **kwargs: Any) -> None:
        with self._lock:
            run = self._open.get(str(run_id))
            if run is not None and "first_token_ms" not in run["metadata"]:
                run["metadata"]["first_token_ms"] = _elapsed(run)

    @_quiet
    def on_llm_end(self, response: Any, *, run_id: Any = None, **kwargs: Any) -> None:
        self._end(run_id, lambda run: _read_result(response, run))

    @_quiet
    def on_llm_error(self, error: BaseException, *, run_id: Any = None, **kwargs: Any) -> None:
        self._fail(run_id, error)

    # --- What is around and between them --------------------------------------------------------------------------------

    @_quiet
    def on_chain_start(self, serialized: Any, inputs: Any, *, run_id: Any = None, parent_run_id: Any = None, **kwargs: Any) -> None:
        self._begin(run_id, parent_run_id, _name(serialized, kwargs, "chain"), "chain", text_of(_only(inputs)), kwargs)

    @_quiet
    def on_chain_end(self, outputs: Any, *, run_id: Any = None, **kwargs: Any) -> None:
        self._end(run_id, lambda run: run.update(ai_response=text_of(_only(outputs))))

    @_quiet
    def on_chain_error(self, error: BaseException, *, run_id: Any = None, **kwargs: Any) -> None:
        self._fail(run_id, error)

    @_quiet
    def on_tool_start(self, serialized: Any, input_str: str, *, run_id: Any = None, parent_run_id: Any = None, **kwargs: Any) -> None:
        self._begin(run_id, parent_run_id, _name(serialized, kwargs, "tool"), "tool", text_of(input_str), kwargs)

    @_quiet
    def on_tool_end(self, output: Any, *, run_id: Any = None, **kwargs: Any) -> None:
        self._end(run_id, lambda run: run.update(ai_response=text_of(getattr(output, "content", output))))

    @_quiet
    def on_tool_error(self, error: BaseException, *, run_id: Any = None, **kwargs: Any) -> None:
        self._fail(run_id, error)

    @_quiet
    def on_retriever_start(self, serialized: Any, query: str, *, run_id: Any = None, parent_run_id: Any = None, **kwargs: Any) -> None:
        self._begin(run_id, parent_run_id, _name(serialized, kwargs, "retriever"), "retriever", text_of(query), kwargs)

    @_quiet
    def on_retriever_end(self, documents: Sequence[Any], *, run_id: Any = None, **kwargs: Any) -> None:
        self._end(
            run_id, lambda run: run.update(ai_response=text_of([getattr(document, "page_content", document) for document in documents]))
        )

    @_quiet
    def on_retriever_error(self, error: BaseException, *, run_id: Any = None, **kwargs: Any) -> None:
        self._fail(run_id, error)

    # --- Keeping book ---------------------------------------------------------------------------------------------------

    def _begin(self, run_id: Any, parent_run_id: Any, name: str, kind: str, query: str, details: Mapping[str, Any], **fields: Any) -> None:
        given = details.get("metadata")
        tags = details.get("tags")
        run: Dict[str, Any] = {
            **parent_fields(),
            **fields,
            "trace_id": f"lc_{run_id}",
            "model_name": name,
            "user_query": query,
            "ai_response": "",
            "timestamp": rfc3339(utc_now()),
            "tags": [str(tag) for tag in tags] if tags else None,
            "metadata": {"kind": kind, **(given if isinstance(given, dict) else {}), **self._metadata},
            "clock": time.perf_counter(),
        }
        if parent_run_id is not None:
            run["parent_id"] = f"lc_{parent_run_id}"
        with self._lock:
            self._open[str(run_id)] = run
            if len(self._open) > _MAX_OPEN:
                # Runs whose end was never told.
                self._open.popitem(last=False)

    def _fail(self, run_id: Any, error: BaseException) -> None:
        self._end(run_id, lambda run: run.update(error=error_fields(error)))

    def _end(self, run_id: Any, read: Callable[[Dict[str, Any]], None]) -> None:
        with self._lock:
            run = self._open.pop(str(run_id), None)
        if run is None:
            return
        run["response_time_ms"] = _elapsed(run)
        del run["clock"]
        read(run)
        (self._client or default_client()).capture(run)


def _elapsed(run: Mapping[str, Any]) -> float:
    began: float = run["clock"]
    return round((time.perf_counter() - began) * 1000, 3)


def _model(serialized: Any, details: Mapping[str, Any]) -> str:
    given = details.get("invocation_params") or {}
    known = (serialized or {}).get("kwargs") or {}
    for holder in (given, known, serialized or {}):
        for name in ("model_name", "model", "model_id"):
            if isinstance(holder.get(name), str):
                return str(holder[name])
    return _name(serialized, details, "unknown")


def _name(serialized: Any, details: Mapping[str, Any], otherwise: str) -> str:
    return str(details.get("name") or (serialized or {}).get("name") or ((serialized or {}).get("id") or [otherwise])[-1])


def _only(value: Any) -> Any:
    """A mapping with one entry is that entry."""
    return next(iter(value.values())) if isinstance(value, Mapping) and len(value) == 1 else value


def _read_result(result: Any, run: Dict[str, Any]) -> None:
    generation = result.generations[0][0]
    message = getattr(generation, "message", None)
    run["ai_response"] = getattr(generation, "text", "") or message_text(member(message, "content"))
    calls = getattr(message, "tool_calls", None) or []
    run["functions_called"] = [{"name": str(call.get("name")), "parameters": call.get("args")} for call in calls] or None
    output = getattr(result, "llm_output", None) or {}
    usage = getattr(message, "usage_metadata", None) or output.get("token_usage") or output.get("usage") or {}
    run["tokens_used"] = usage.get("total_tokens")
    run["prompt_tokens"] = usage.get("input_tokens", usage.get("prompt_tokens"))
    run["completion_tokens"] = usage.get("output_tokens", usage.get("completion_tokens"))
    run["cost"] = calculate_cost(usage, run["model_name"])
    details = getattr(message, "response_metadata", None) or getattr(generation, "generation_info", None) or {}
    if details.get("finish_reason"):
        run["metadata"]["finish_reason"] = details["finish_reason"]
