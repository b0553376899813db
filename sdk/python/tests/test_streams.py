"""Streams over connections that break, lie and say nothing."""

from __future__ import annotations

import asyncio
import json
import time
from itertools import islice
from typing import Any, List

import pytest
from llm_eval_sdk import APIConnectionError, APIError, AsyncLLMEvalClient, AuthenticationError, LLMEvalClient, StopStream, StreamDataError
from support import a_trace
from testkit.scripted import ScriptedServer
from testkit.server import ServerProcess

SSE = {"content-type": "text/event-stream"}


def frames(*ids: int) -> Any:
    pieces = ["retry: 100\n\n", *(f'id: {i}\ndata: {{"event":"e","data":{{"n":{i}}}}}\n\n' for i in ids)]
    return {"status": 200, "headers": SSE, "pieces": pieces}


def read_sync(url: str, count: int, **options: Any) -> List[Any]:
    return [event["data"]["n"] for event in islice(LLMEvalClient(url).stream_events(**options), count)]


def read_async(url: str, count: int, **options: Any) -> List[Any]:
    seen: List[Any] = []

    async def collect(event: Any) -> None:
        seen.append(event["data"]["n"])
        if len(seen) == count:
            raise StopStream

    asyncio.run(AsyncLLMEvalClient(url).stream_events(collect, **options))
    return seen


both = pytest.mark.parametrize("read", [read_sync, read_async], ids=["threads", "asyncio"])


@both
def test_a_stream_goes_on_after_its_last_event(read: Any) -> None:
    problems: List[Exception] = []
    answers = [{**frames(1, 2), "then": "reset"}, {"status": 503, "headers": {"retry-after": "0"}}, frames(3), frames(4)]
    with ScriptedServer(answers) as server:
        assert read(server.url, 4, on_error=problems.append) == [1, 2, 3, 4]

    asked = [request.headers.get("last-event-id") for request in server.received]
    assert asked == [None, "2", "2", "3"]
    assert len(problems) == 2, "a break and a refusal; an orderly end is none"


@both
def test_a_stream_begins_where_it_is_told(read: Any) -> None:
    with ScriptedServer([frames(8)]) as server:
        assert read(server.url, 1, last_event_id=7, model_name=["gpt-4", "o1"]) == [8]

    assert server.received[0].headers["last-event-id"] == "7"


@both
def test_lines_may_be_of_any_length(read: Any) -> None:
    long = json.dumps({"event": "e", "data": {"n": "x" * 3_000_000}})
    answer = {"status": 200, "headers": SSE, "pieces": ["data: " + long[:100], long[100:2_000_000], long[2_000_000:] + "\n\n"]}
    with ScriptedServer([answer]) as server:
        started = time.monotonic()
        (text,) = read(server.url, 1)

    assert len(text) == 3_000_000
    assert time.monotonic() - started < 15


@both
def test_a_refusal_is_final(read: Any) -> None:
    with ScriptedServer([{"status": 401, "body": {"message": "A key is needed"}}]) as server:
        with pytest.raises(AuthenticationError, match="A key is needed"):
            read(server.url, 1)
    with ScriptedServer([{"status": 200, "body": {"hello": "world"}}]) as server:
        with pytest.raises(APIError, match="no event stream"):
            read(server.url, 1)


@both
def test_a_refusal_that_breaks_off_is_a_lost_connection(read: Any) -> None:
    problems: List[Exception] = []
    cut_off: Any = {"status": 503, "pieces": ['{"message": "The da'], "then": "reset"}
    with ScriptedServer([cut_off, frames(1)]) as server:
        assert read(server.url, 1, on_error=problems.append) == [1]

    assert [type(problem) for problem in problems] == [APIConnectionError]


@both
def test_data_that_is_not_json_is_reported(read: Any) -> None:
    problems: List[Exception] = []
    answer = {"status": 200, "headers": SSE, "pieces": ["data: {oops\n\n", 'data: {"event":"e","data":{"n":1}}\n\n']}
    with ScriptedServer([answer]) as server:
        assert read(server.url, 1, on_error=problems.append) == [1]

    assert [type(problem) for problem in problems] == [StreamDataError]


@both
def test_silence_longer_than_three_heartbeats_is_a_dead_connection(read: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("client", "async_client"):
        monkeypatch.setattr(f"llm_eval_sdk.{module}.SILENCE_SECONDS", 0.3)
    with ScriptedServer([{**frames(1), "then": "silence"}, frames(2)]) as server:
        assert read(server.url, 2, on_error=lambda error: None) == [1, 2]


def test_an_exception_of_the_callback_is_reported_or_raised() -> None:
    problems: List[Exception] = []
    seen: List[int] = []

    def broken(event: Any) -> None:
        seen.append(event["data"]["n"])
        if len(seen) == 3:
            raise StopStream
        raise KeyError("mine")

    with ScriptedServer([frames(1, 2, 3), frames(1)]) as server:
        asyncio.run(AsyncLLMEvalClient(server.url).stream_events(broken, on_error=problems.append))
        assert seen == [1, 2, 3] and [type(problem) for problem in problems] == [KeyError, KeyError]
        with pytest.raises(KeyError):
            asyncio.run(AsyncLLMEvalClient(server.url).stream_events(broken))


def test_without_reconnecting_the_stream_ends_with_its_connection() -> None:
    with ScriptedServer([frames(1, 2)]) as server:
        seen: List[Any] = []
        asyncio.run(AsyncLLMEvalClient(server.url).stream_events(seen.append, reconnect=False))

    assert len(seen) == 2


def test_the_streams_of_a_real_server(server: ServerProcess) -> None:
    async def run() -> List[str]:
        async with AsyncLLMEvalClient(server.url) as client:
            await client.send_trace(a_trace("stream-1", model_name="streamed"))
            names: List[str] = []
            async for event in client.events(model_name="streamed", client_id="me"):
                names.append(event["event"])
                if len(names) == 1:
                    assert event["data"]["client_id"] == "me"
                    await client.send_trace(a_trace("stream-2", model_name="streamed"))
                if len(names) == 2:
                    await client.evaluate_trace("stream-2", "accepted")
                if len(names) == 3:
                    break
            figures: List[Any] = []

            def stop(event: Any) -> None:
                figures.append(event)
                if event["event"] == "metrics_update":
                    raise StopStream

            await client.stream_metrics(stop, interval=1)
            await client.stream_traces(stop_at_list, limit=2, model_name="streamed")
            return names + [figures[-1]["event"]]

    def stop_at_list(event: Any) -> None:
        if event["event"] == "initial_traces":
            assert [trace["trace_id"] for trace in event["data"]] == ["stream-2", "stream-1"]
            raise StopStream

    assert asyncio.run(run()) == ["connected", "trace_updates", "evaluation_updates", "metrics_update"]


def test_reading_back_from_a_real_server(server: ServerProcess) -> None:
    with LLMEvalClient(server.url) as client:
        client.send_traces_batch([a_trace(f"read/{i} ?&", model_name="read") for i in range(3)])
        client.evaluate_trace("read/1 ?&", "rejected", reason="wrong", tags=["x"])

        assert client.get_trace("read/1 ?&")["evaluations"][0]["reason"] == "wrong"
        assert [trace["trace_id"] for trace in client.get_traces(2, model_name="read", has_error=False)] == ["read/2 ?&", "read/1 ?&"]
        assert [trace["trace_id"] for trace in client.iter_traces("rejected", model_name="read")] == ["read/1 ?&"]
        assert client.get_stats()["total_traces"] >= 3
        assert client.health_check()["status"] == "healthy"
