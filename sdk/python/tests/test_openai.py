"""wrap_openai on the stand-in for the openai package, which makes real calls to the server of the examples."""

from __future__ import annotations

import asyncio
import inspect
from typing import Any

import openai
import pytest
from llm_eval_sdk import observe, wrap_openai
from support import Recording
from testkit.provider import Provider

TOOLS = [
    {"type": "function", "function": {"name": "weather", "parameters": {"type": "object", "properties": {"city": {"type": "string"}}}}}
]
SYSTEM = {"role": "system", "content": "Be brief."}


def asked(question: str) -> list[Any]:
    return [SYSTEM, {"role": "user", "content": question}]


class Wrapped:
    def __init__(self, provider: Provider) -> None:
        self.recording = Recording()
        options: Any = {"base_url": provider.url, "api_key": "any"}
        self.plain = openai.OpenAI(**options)
        self.openai = wrap_openai(openai.OpenAI(**options), eval_client=self.recording.client, metadata={"app": "shop"})
        self.aio = wrap_openai(openai.AsyncOpenAI(**options), eval_client=self.recording.client)

    @property
    def trace(self) -> Any:
        (trace,) = self.recording.traces
        return trace


@pytest.fixture
def wrapped(provider: Provider) -> Wrapped:
    return Wrapped(provider)


def test_a_completion(wrapped: Wrapped) -> None:
    request: Any = {"model": "gpt-4", "messages": asked("What is AI?"), "temperature": 0.5}
    answer = wrapped.openai.chat.completions.create(**request)

    trace = wrapped.trace
    assert answer.choices[0].message.content == wrapped.plain.chat.completions.create(**request).choices[0].message.content
    assert (trace["model_name"], trace["user_query"], trace["system_prompt"]) == ("gpt-4", "What is AI?", "Be brief.")
    assert trace["ai_response"] == "You asked: What is AI?"
    assert trace["tokens_used"] == trace["prompt_tokens"] + trace["completion_tokens"] == answer.usage.total_tokens
    assert trace["cost"] == pytest.approx((trace["prompt_tokens"] * 30 + trace["completion_tokens"] * 60) / 1e6)
    assert trace["metadata"]["temperature"] == 0.5 and trace["metadata"]["finish_reason"] == "stop" and trace["metadata"]["app"] == "shop"
    assert trace["response_time_ms"] > 0


def test_a_tool_call(wrapped: Wrapped) -> None:
    wrapped.openai.chat.completions.create(model="gpt-4o", messages=asked("Paris"), tools=TOOLS)

    trace = wrapped.trace
    assert trace["functions_called"] == [{"name": "weather", "parameters": {"city": "Paris"}}]
    assert trace["ai_response"] == "" and trace["metadata"]["finish_reason"] == "tool_calls"


def test_a_stream(wrapped: Wrapped) -> None:
    stream = wrapped.openai.chat.completions.create(
        model="gpt-4", messages=asked("Say it"), stream=True, stream_options={"include_usage": True}
    )
    text = "".join(chunk.choices[0].delta.content or "" for chunk in stream if chunk.choices)

    trace = wrapped.trace
    assert text == trace["ai_response"] == "You asked: Say it"
    assert trace["tokens_used"] > 0 and trace["cost"] > 0
    assert 0 < trace["metadata"]["first_chunk_ms"] <= trace["response_time_ms"]
    assert stream.response.status_code == 200


def test_a_stream_of_a_tool_call(wrapped: Wrapped) -> None:
    for _ in wrapped.openai.chat.completions.create(model="gpt-4", messages=asked("Rio de Janeiro"), tools=TOOLS, stream=True):
        pass

    assert wrapped.trace["functions_called"] == [{"name": "weather", "parameters": {"city": "Rio de Janeiro"}}]
    assert "tokens_used" not in wrapped.trace


def test_a_stream_that_is_left(wrapped: Wrapped) -> None:
    with wrapped.openai.chat.completions.create(model="gpt-4", messages=asked("one two three"), stream=True) as stream:
        for chunk in stream:
            if chunk.choices[0].delta.content:
                break

    assert wrapped.trace["ai_response"] == "You"


def test_a_stream_that_breaks_off(wrapped: Wrapped) -> None:
    with pytest.raises(openai.APIConnectionError):
        for _ in wrapped.openai.chat.completions.create(model="breaks-off", messages=asked("one two"), stream=True):
            pass

    assert wrapped.trace["error"]["type"] == "APIConnectionError"
    assert wrapped.trace["ai_response"] == "You"


def test_an_error_is_logged_and_raised(wrapped: Wrapped) -> None:
    with pytest.raises(openai.RateLimitError):
        wrapped.openai.chat.completions.create(model="rate-limited", messages=asked("x"))

    assert wrapped.trace["error"]["type"] == "RateLimitError" and wrapped.trace["user_query"] == "x"


def test_a_response(wrapped: Wrapped) -> None:
    wrapped.openai.responses.create(model="gpt-4o", input="What is AI?", instructions="Be brief.")

    trace = wrapped.trace
    assert (trace["user_query"], trace["system_prompt"], trace["ai_response"]) == ("What is AI?", "Be brief.", "You asked: What is AI?")
    assert trace["prompt_tokens"] > 0 and trace["cost"] > 0


def test_a_streamed_response_with_a_tool(wrapped: Wrapped) -> None:
    tools = [{"type": "function", "name": "weather", "parameters": {"type": "object", "properties": {"city": {"type": "string"}}}}]
    list(wrapped.openai.responses.create(model="gpt-4o", input="Paris", tools=tools, stream=True))

    assert wrapped.trace["functions_called"] == [{"name": "weather", "parameters": {"city": "Paris"}}]
    assert wrapped.trace["tokens_used"] > 0


def test_asyncio(wrapped: Wrapped) -> None:
    async def run() -> str:
        answer = await wrapped.aio.chat.completions.create(model="gpt-4", messages=asked("What is AI?"))
        stream = await wrapped.aio.chat.completions.create(model="gpt-4", messages=asked("Say it"), stream=True)
        text = "".join([chunk.choices[0].delta.content or "" async for chunk in stream])
        with pytest.raises(openai.InternalServerError):
            await wrapped.aio.chat.completions.create(model="broken", messages=asked("x"))
        return str(answer.choices[0].message.content) + text

    assert asyncio.run(run()) == "You asked: What is AI?You asked: Say it"
    whole, streamed, failed = wrapped.recording.traces
    assert (whole["ai_response"], streamed["ai_response"]) == ("You asked: What is AI?", "You asked: Say it")
    assert failed["error"]["type"] == "InternalServerError"


def test_what_is_called_looks_as_before(wrapped: Wrapped) -> None:
    class Completions:
        async def create(self, *, model: str, stream: bool = False) -> Any:
            """Creates."""
            return 7

    class Client:
        class chat:
            completions = Completions()

    mine = wrap_openai(Client(), eval_client=wrapped.recording.client).chat.completions.create
    assert inspect.iscoroutinefunction(mine) and list(inspect.signature(mine).parameters) == ["model", "stream"]
    assert (mine.__name__, mine.__doc__) == ("create", "Creates.") and inspect.unwrap(mine).__func__ is Completions.create
    assert asyncio.run(mine(model="m")) == 7

    # The package's own is a coroutine function inside of a plain one.
    assert inspect.iscoroutinefunction(wrapped.aio.chat.completions.create)
    assert not inspect.iscoroutinefunction(wrapped.openai.chat.completions.create)
    assert "extra_headers" in inspect.signature(wrapped.openai.chat.completions.create).parameters


@pytest.mark.parametrize("indexes", [[2, 1, 0], [None]])
def test_of_several_streamed_answers_the_first_is_logged(indexes: list[Any]) -> None:
    class Completions:
        def create(self, **_: Any) -> Any:
            for text in "ab":
                for index in indexes:
                    yield {"choices": [{"index": index, "delta": {"content": text if not index else "?"}}]}
            yield {"choices": [{"index": index, "delta": {"content": "c" if not index else "?"}} for index in indexes]}

    class Client:
        class chat:
            completions = Completions()

    recording = Recording()
    assert len(list(wrap_openai(Client(), eval_client=recording.client).chat.completions.create(model="m", messages=[], stream=True))) > 2

    assert recording.traces[0]["ai_response"] == "abc"


def test_raw_answers_pass_through(wrapped: Wrapped) -> None:
    raw = wrapped.openai.chat.completions.create(model="gpt-4", messages=asked("x"), extra_headers={"X-Stainless-Raw-Response": "true"})

    assert raw.status_code == 200
    assert wrapped.recording.traces == []


def test_wrapping_twice_logs_once(wrapped: Wrapped) -> None:
    wrap_openai(wrapped.openai, eval_client=wrapped.recording.client)
    wrapped.openai.chat.completions.create(model="gpt-4", messages=asked("x"))

    assert len(wrapped.recording.traces) == 1


def test_calls_know_the_function_around_them(wrapped: Wrapped) -> None:
    @observe(client=wrapped.recording.client)
    def chat(question: str) -> str:
        return str(wrapped.openai.chat.completions.create(model="gpt-4", messages=asked(question)).choices[0].message.content)

    chat("why")
    inner, outer = wrapped.recording.traces
    assert inner["parent_id"] == outer["trace_id"] and outer["ai_response"] == "You asked: why"


def test_an_answer_of_another_shape_is_passed_on() -> None:
    class Completions:
        def create(self, **_: Any) -> Any:
            return 7

    class Client:
        class chat:
            completions = Completions()

    recording = Recording()

    assert wrap_openai(Client(), eval_client=recording.client).chat.completions.create(model=3, messages=7) == 7
