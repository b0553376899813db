"""The LangChain handler on the stand-in for LangChain, which calls it with the arguments that LangChain does."""

from __future__ import annotations

import uuid
from typing import Any, Iterator

import pytest
from langchain_openai import ChatOpenAI, Message, OpenAI
from llm_eval_sdk.langchain import EvalCallbackHandler
from support import Recording
from testkit.provider import Provider


@pytest.fixture
def recording(provider: Provider, monkeypatch: pytest.MonkeyPatch) -> Iterator[Recording]:
    for name, value in provider.environment.items():
        monkeypatch.setenv(name, value)
    yield Recording()


def test_a_text_model(recording: Recording) -> None:
    llm = OpenAI("gpt-4", callbacks=[EvalCallbackHandler(recording.client, metadata={"app": "shop"})])

    assert llm("What is the capital of France?") == "You asked: What is the capital of France?"
    (trace,) = recording.traces
    assert (trace["model_name"], trace["user_query"]) == ("gpt-4", "What is the capital of France?")
    assert trace["ai_response"] == "You asked: What is the capital of France?"
    assert trace["tokens_used"] > 0 and trace["cost"] > 0 and trace["response_time_ms"] > 0
    assert trace["metadata"] == {"kind": "llm", "app": "shop", "finish_reason": "stop"}
    assert trace["trace_id"].startswith("lc_")


def test_a_chat_model_with_tools(recording: Recording) -> None:
    tools = [
        {"type": "function", "function": {"name": "weather", "parameters": {"type": "object", "properties": {"city": {"type": "string"}}}}}
    ]
    messages = [Message([{"type": "text", "text": "Be brief."}], "system"), Message("Paris")]
    ChatOpenAI("gpt-4o").bind_tools(tools).invoke(messages, config={"callbacks": [EvalCallbackHandler(recording.client)]})

    (trace,) = recording.traces
    assert (trace["system_prompt"], trace["user_query"]) == ("Be brief.", "Paris")
    assert trace["functions_called"] == [{"name": "weather", "parameters": {"city": "Paris"}}]
    assert trace["prompt_tokens"] > 0 and trace["cost"] > 0


def test_an_error(recording: Recording) -> None:
    with pytest.raises(Exception):
        OpenAI("broken", callbacks=[EvalCallbackHandler(recording.client)])("x")

    assert recording.traces[0]["error"]["type"] == "InternalServerError"


def test_chains_tools_and_retrievers_are_nested(recording: Recording) -> None:
    handler = EvalCallbackHandler(recording.client)
    chain, tool, search = uuid.uuid4(), uuid.uuid4(), uuid.uuid4()

    class Document:
        page_content = "Paris is large."

    handler.on_chain_start({"id": ["langchain", "RetrievalQA"]}, {"query": "Paris?"}, run_id=chain, tags=["qa"])
    handler.on_retriever_start({"name": "Index"}, "Paris?", run_id=search, parent_run_id=chain)
    handler.on_retriever_end([Document()], run_id=search)
    handler.on_tool_start({"name": "calculator"}, "1 + 1", run_id=tool, parent_run_id=chain)
    handler.on_tool_error(ZeroDivisionError("no"), run_id=tool)
    handler.on_chain_end({"result": "Large."}, run_id=chain)

    found, failed, whole = recording.traces
    assert (whole["model_name"], whole["user_query"], whole["ai_response"], whole["tags"]) == ("RetrievalQA", "Paris?", "Large.", ["qa"])
    assert found["ai_response"] == '["Paris is large."]' and failed["error"]["type"] == "ZeroDivisionError"
    assert found["parent_id"] == failed["parent_id"] == whole["trace_id"]


def test_nothing_of_the_handler_hurts(recording: Recording) -> None:
    handler: Any = EvalCallbackHandler(recording.client)
    handler.on_llm_start(None, ["x"], run_id=1)
    handler.on_llm_end(object(), run_id=1)
    handler.on_llm_end(object(), run_id=2)
    handler.on_chain_start(7, 8, run_id=3)

    assert recording.traces == []
