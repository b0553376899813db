"""Observed functions, blocks and loggers: what they log, and that they change nothing else."""

from __future__ import annotations

import asyncio
import inspect
import weakref
from contextvars import copy_context
from typing import Any, AsyncIterator, Callable, Dict, Iterator, List

import pytest
from llm_eval_sdk import LLMEvalClient, TraceLogger, current_trace, observe, span, use_client
from llm_eval_sdk import observing
from support import Recording


@pytest.fixture
def recording() -> Iterator[Recording]:
    recording = Recording()
    use_client(recording.client)
    yield recording
    observing._default = None
    recording.client.shutdown()


def test_a_function(recording: Recording) -> None:
    @observe
    def answer(question: str) -> str:
        """Answers."""
        return question.upper()

    assert answer("why") == "WHY"
    (trace,) = recording.traces
    assert (trace["model_name"], trace["user_query"], trace["ai_response"]) == ("answer", "why", "WHY")
    assert trace["metadata"] == {"kind": "span", "name": "answer"}
    assert trace["response_time_ms"] >= 0 and trace["timestamp"].endswith("Z")
    assert answer.__name__ == "answer" and answer.__doc__ == "Answers."


def test_several_arguments_and_other_values(recording: Recording) -> None:
    class Agent:
        @observe(name="agent.run", kind="agent")
        def run(self, task: str, *, steps: int = 3) -> Dict[str, Any]:
            return {"done": task, "steps": steps}

    Agent().run("tidy", steps=2)
    (trace,) = recording.traces
    assert (trace["model_name"], trace["user_query"], trace["ai_response"]) == (
        "agent.run",
        '{"task":"tidy","steps":2}',
        '{"done":"tidy","steps":2}',
    )
    assert trace["metadata"]["kind"] == "agent"


def test_input_and_output_may_be_left_out(recording: Recording) -> None:
    @observe(capture_input=False, capture_output=False)
    def secret(question: str) -> str:
        return "answer"

    secret("question")
    assert (recording.traces[0]["user_query"], recording.traces[0]["ai_response"]) == ("", "")


def test_an_exception_is_logged_and_raised(recording: Recording) -> None:
    @observe
    def fails() -> None:
        raise LookupError("no such thing")

    with pytest.raises(LookupError):
        fails()
    assert recording.traces[0]["error"] == {"type": "LookupError", "message": "no such thing"}


def test_a_coroutine_function(recording: Recording) -> None:
    @observe(kind="llm")
    async def ask(question: str, model: str) -> str:
        await asyncio.sleep(0.02)
        return "answer"

    assert inspect.iscoroutinefunction(ask)
    assert asyncio.run(ask("why", model="gpt-4")) == "answer"
    (trace,) = recording.traces
    assert (trace["model_name"], trace["ai_response"]) == ("gpt-4", "answer")
    assert trace["response_time_ms"] >= 20


def test_a_generator_keeps_its_whole_protocol(recording: Recording) -> None:
    @observe
    def conversation() -> Iterator[Any]:
        heard = []
        try:
            heard.append((yield "a"))
            heard.append((yield "b"))
        except KeyError:
            heard.append("thrown")
            yield "c"
        return heard

    running: Any = conversation()
    assert inspect.isgeneratorfunction(conversation)
    assert next(running) == "a"
    assert current_trace() is None, "while its user runs, the generator does not"
    assert running.send("one") == "b"
    assert running.throw(KeyError("x")) == "c"
    with pytest.raises(StopIteration) as end:
        next(running)
    assert end.value.value == ["one", "thrown"]
    assert recording.traces[0]["ai_response"] == "abc"


def test_a_generator_that_is_left_is_logged_with_what_it_gave(recording: Recording) -> None:
    closed = []

    @observe
    def endless() -> Iterator[str]:
        try:
            while True:
                yield "x"
        finally:
            closed.append(True)

    for number, _ in enumerate(endless()):
        if number == 2:
            break
    (trace,) = recording.traces
    assert closed == [True] and trace["ai_response"] == "xxx" and "error" not in trace


def test_an_endless_generator_does_not_fill_the_memory(recording: Recording) -> None:
    @observe
    def many() -> Iterator[str]:
        for _ in range(1_000):
            yield "x" * 1_000

    assert sum(len(piece) for piece in many()) == 1_000_000
    assert len(recording.traces[0]["ai_response"]) <= 201_000


def test_what_is_kept_of_an_endless_generator_of_bytes_is_little(recording: Recording) -> None:
    class Piece(bytearray):
        pass

    @observe
    def many() -> Iterator[bytearray]:
        for _ in range(100):
            yield Piece(100_000)

    pieces = many()
    given = [weakref.ref(next(pieces)) for _ in range(90)]
    assert len([piece for piece in given if piece() is not None]) < 10


def test_methods_of_all_kinds(recording: Recording) -> None:
    class Tool:
        @observe
        @classmethod
        def of_class(cls, text: str) -> str:
            return cls.__name__ + text

        @classmethod
        @observe
        def of_class_inside(cls, text: str) -> str:
            return cls.__name__ + text

        @observe(kind="tool")
        @staticmethod
        def of_nobody(text: str) -> str:
            return text

    assert Tool.of_class("a") == Tool().of_class("a") == Tool.of_class_inside("a") == "Toola"
    assert Tool.of_nobody("a") == Tool().of_nobody("a") == "a"
    assert [trace["user_query"] for trace in recording.traces] == ["a"] * 5


@pytest.mark.parametrize("given", ["search", property(lambda self: 1), 5])
def test_only_functions_are_observed(given: Any) -> None:
    with pytest.raises(TypeError, match="observe takes a function"):
        observe(given)


def test_a_coroutine_function_that_something_hides(recording: Recording) -> None:
    async def answer(question: str) -> str:
        await asyncio.sleep(0)
        current_trace().update(session_id="s")  # type: ignore[union-attr]
        if question == "fail":
            raise OSError("gone")
        return question.upper()

    class Answering:
        async def __call__(self, question: str) -> str:
            return await answer(question)

    for hidden in (observe(lambda question: answer(question)), observe(Answering())):
        assert asyncio.run(hidden("why")) == "WHY"
        with pytest.raises(OSError):
            asyncio.run(hidden("fail"))

    assert [trace["ai_response"] for trace in recording.traces] == ["WHY", "", "WHY", ""]
    assert [trace.get("error", {}).get("message") for trace in recording.traces] == [None, "gone", None, "gone"]
    assert {trace["session_id"] for trace in recording.traces} == {"s"}


def test_an_async_generator(recording: Recording) -> None:
    @observe
    async def tokens(question: str) -> AsyncIterator[str]:
        for token in ("to", "ken"):
            await asyncio.sleep(0)
            yield token
        if question == "fail":
            raise OSError("gone")

    async def collect(question: str) -> List[str]:
        return [token async for token in tokens(question)]

    assert asyncio.run(collect("why")) == ["to", "ken"]
    with pytest.raises(OSError):
        asyncio.run(collect("fail"))
    good, bad = recording.traces
    assert (good["user_query"], good["ai_response"]) == ("why", "token")
    assert bad["error"] == {"type": "OSError", "message": "gone"} and bad["ai_response"] == "token"


def test_calls_inside_calls_know_their_parents(recording: Recording) -> None:
    @observe
    async def inner(number: int) -> int:
        await asyncio.sleep(0)
        return number

    @observe
    async def outer() -> List[int]:
        trace = current_trace()
        assert trace is not None
        trace.update(session_id="s-1", cost=0.5, metadata={"plan": "x"})
        with span("search", kind="retriever") as found:
            found.update(ai_response="three documents")
        return list(await asyncio.gather(inner(1), inner(2)))

    assert asyncio.run(outer()) == [1, 2]
    traces = {trace["metadata"]["name"].rsplit(".", 1)[-1] + trace["user_query"]: trace for trace in recording.traces}
    root = traces["outer"]
    assert root["cost"] == 0.5 and root["metadata"]["plan"] == "x" and "parent_id" not in root
    for name in ("inner1", "inner2", "search"):
        assert traces[name]["parent_id"] == root["trace_id"] and traces[name]["session_id"] == "s-1"
    assert traces["search"]["ai_response"] == "three documents" and traces["search"]["metadata"]["kind"] == "retriever"


@pytest.mark.parametrize("leave", [list, lambda running: running.close()], ids=["to its end", "closed"])
@pytest.mark.parametrize("knows", [True, False], ids=["a copy of the first", "one that knows nothing"])
def test_a_generator_may_go_on_in_another_context(recording: Recording, leave: Callable[[Any], Any], knows: bool) -> None:
    def pieces() -> Iterator[int]:
        with span("pieces"):
            yield 1
            yield 2

    running = pieces()
    first = copy_context()
    first.run(next, running)
    other = first.copy() if knows else copy_context()

    other.run(leave, running)

    assert other.run(current_trace) is None
    assert [trace["model_name"] for trace in recording.traces] == ["pieces"]


def test_nothing_of_the_observer_hurts(recording: Recording) -> None:
    class Odd:
        def __repr__(self) -> str:
            raise RuntimeError

    @observe
    def accept(value: Any) -> Any:
        return value

    odd = Odd()
    assert accept(odd) is odd
    assert recording.traces[0]["user_query"] == "<Odd>"


def test_a_logger_times_from_its_beginning(recording: Recording) -> None:
    with TraceLogger(recording.client, "gpt-4", "t-1", system_prompt="be brief", metadata={"a": 1}, session_id="s") as logger:
        logger.add_metadata(b=2)
        logger.add_function_call("search", {"q": "x"}, "found")
        assert logger.log_trace("q", "a", tokens_used=3, metadata={"b": 3}) == "t-1"
    (trace,) = recording.traces
    assert trace["metadata"] == {"a": 1, "b": 3}
    assert trace["functions_called"] == [{"name": "search", "parameters": {"q": "x"}, "result": "found"}]
    assert (trace["system_prompt"], trace["session_id"], trace["tokens_used"]) == ("be brief", "s", 3)
    assert 0 <= trace["response_time_ms"] < 1_000


def test_a_logger_takes_what_is_measured_elsewhere_and_no_metadata(recording: Recording) -> None:
    with TraceLogger(recording.client, "gpt-4") as logger:
        first = logger.log_trace("q", "a", response_time_ms=850, metadata=None)
        second = logger.log_trace("q2", "a2")
    traces = recording.traces
    assert traces[0]["response_time_ms"] == 850 and "metadata" not in traces[0]
    assert [trace["trace_id"] for trace in traces] == [first, second] and first != second


def test_a_logger_notes_an_exception_and_lets_it_pass(recording: Recording) -> None:
    async def fails() -> None:
        async with TraceLogger(recording.client, "gpt-4"):
            raise TimeoutError("too slow")

    with pytest.raises(TimeoutError):
        asyncio.run(fails())
    assert recording.traces[0]["error"] == {"type": "TimeoutError", "message": "too slow"}


def test_an_environment_of_which_no_client_can_be_made_is_told_once(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    monkeypatch.setattr(observing, "_default", None)
    monkeypatch.setattr(observing, "_is_told", False)
    monkeypatch.setenv("LLM_EVAL_BASE_URL", "localhost:8000")

    @observe
    def answer(question: str) -> str:
        return question.upper()

    assert [answer("a"), answer("b")] == ["A", "B"]
    (warning,) = [record.getMessage() for record in caplog.records if record.name == "llm_eval_sdk"]
    assert "Nothing is captured" in warning and "base_url must be an address" in warning


def test_without_a_client_one_is_made_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LLM_EVAL_BASE_URL", "http://elsewhere:8000")
    monkeypatch.setattr(observing, "_default", None)

    assert isinstance(observing.default_client(), LLMEvalClient)
    assert observing.default_client().base_url == "http://elsewhere:8000"
    monkeypatch.setattr(observing, "_default", None)
