"""The background queue: what it sends, what it drops, and that nobody notices."""

from __future__ import annotations

import asyncio
import gc
import json
import threading
import time
from datetime import datetime
from typing import Any, Callable, Dict, List

import pytest
from llm_eval_sdk import (
    APIConnectionError,
    AsyncLLMEvalClient,
    AuthenticationError,
    BadRequestError,
    LLMEvalClient,
    NotDeliveredError,
    PayloadTooLargeError,
    QueueFullError,
    ValidationError,
)
from llm_eval_sdk._delivery import Delivery
from support import Recording, a_trace, eventually
from testkit.scripted import Received, ScriptedServer, stored


def deliveries_since(before: List[threading.Thread]) -> List[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == "llm-eval-delivery" and thread not in before]


def test_a_full_batch_is_sent_at_once() -> None:
    with ScriptedServer(otherwise=stored) as server, LLMEvalClient(server.url, flush_at=3, flush_interval=60) as client:
        for i in range(3):
            client.capture(a_trace(f"t-{i}"))

        eventually(lambda: client.delivery_stats.delivered == 3)
        assert [len(request.json["traces"]) for request in server.received] == [3]


def test_a_batch_of_many_bytes_is_sent_at_once() -> None:
    with ScriptedServer(otherwise=stored) as server, LLMEvalClient(server.url, flush_interval=60, max_batch_bytes=10_000) as client:
        for i in range(3):
            client.capture(a_trace(f"t-{i}", user_query="x" * 6_000))

        eventually(lambda: server.received)
        assert len(server.received[0].json["traces"]) == 1
        assert client.flush(5)
        assert [len(request.json["traces"]) for request in server.received] == [1, 1, 1]


def test_a_few_are_sent_after_a_while() -> None:
    with ScriptedServer(otherwise=stored) as server, LLMEvalClient(server.url, flush_interval=0.2) as client:
        started = time.monotonic()
        client.capture(a_trace())

        eventually(lambda: client.delivery_stats.delivered == 1)
        assert time.monotonic() - started >= 0.2


def test_flush_waits_until_all_is_sent() -> None:
    with ScriptedServer(otherwise=stored) as server, LLMEvalClient(server.url, flush_interval=60) as client:
        for i in range(250):
            client.capture(a_trace(f"t-{i}"))

        assert client.flush(5)
        assert sum(len(request.json["traces"]) for request in server.received) == 250
        assert client.delivery_stats.queued == 0


def test_flush_gives_up_in_time() -> None:
    with ScriptedServer([{"fault": "silence"}], otherwise=stored) as server:
        client = LLMEvalClient(server.url, timeout=10, flush_interval=60)
        client.capture(a_trace())
        started = time.monotonic()

        assert client.flush(0.2) is False
        assert 0.2 <= time.monotonic() - started < 5
        client.shutdown(0)


def test_the_queue_is_bounded_in_traces_and_drops_the_oldest() -> None:
    problems: List[Exception] = []
    with ScriptedServer(
        otherwise=lambda request: {"status": 503, "headers": {"retry-after": "0"}} if not opened.is_set() else stored(request)
    ) as server:
        opened = threading.Event()
        client = LLMEvalClient(server.url, max_queue_size=10, flush_at=1, on_error=lambda error, traces: problems.append(error))
        for i in range(200):
            client.capture(a_trace(f"t-{i}"))
        stats = client.delivery_stats
        opened.set()

        assert client.flush(5)
        arrived = [trace["trace_id"] for request in server.received for trace in request.json["traces"]]
        assert stats.captured == 200 and stats.queued <= 110 and stats.dropped == 200 - stats.queued
        assert "t-199" in arrived
        assert [type(error) for error in problems].count(QueueFullError) == 1
        client.shutdown()


def test_the_queue_is_bounded_in_bytes() -> None:
    client = LLMEvalClient("http://127.0.0.1:9", max_queue_bytes=100_000, max_retries=0)
    for i in range(100):
        client.capture(a_trace(f"t-{i}", user_query="x" * 10_000))

    assert client.delivery_stats.dropped >= 80
    assert client.shutdown(0.1) is False


def test_a_server_that_is_away_is_waited_for() -> None:
    answers = [{"fault": "reset"}, {"status": 503, "headers": {"retry-after": "0"}}, {"status": 429, "headers": {"retry-after": "0"}}]
    with ScriptedServer(answers, otherwise=stored) as server, LLMEvalClient(server.url, max_retries=0) as client:
        client.capture(a_trace())

        assert client.flush(5)
        assert client.delivery_stats.delivered == 1
        assert len({request.unpacked for request in server.received}) == 1


@pytest.mark.parametrize("status", [408, 429, 502, 503, 504])
def test_a_server_that_asks_for_a_long_time_is_waited_for(status: int) -> None:
    with ScriptedServer([{"status": status, "headers": {"retry-after": "3600"}}], otherwise=stored) as server:
        with LLMEvalClient(server.url, flush_at=1) as client:
            client.capture(a_trace())
            eventually(lambda: server.received)

            # A flush ends the waiting.
            assert eventually(lambda: client.flush(0.1))
            assert (client.delivery_stats.delivered, client.delivery_stats.dropped) == (1, 0)


@pytest.mark.parametrize("status, kind", [(400, BadRequestError), (413, PayloadTooLargeError)])
def test_one_trace_that_is_refused_takes_no_others_with_it(status: int, kind: type) -> None:
    heard: List[Any] = []
    refusal = {"status": status, "body": {"message": "No", "errors": ["The body is malformed."]}}
    with ScriptedServer(otherwise=lambda request: refusal if b"odd" in request.unpacked else stored(request)) as server:
        with LLMEvalClient(server.url, on_error=lambda error, traces: heard.append([trace["trace_id"] for trace in traces])) as client:
            for trace_id in ("a", "b", "odd", "c", "d"):
                client.capture(a_trace(trace_id))
            assert client.flush(5)
            assert (client.delivery_stats.delivered, client.delivery_stats.dropped) == (4, 1)
            assert heard == [["odd"]]

            with pytest.raises(kind):
                client.send_traces_batch([a_trace("odd")])


def test_a_server_that_takes_nothing_is_not_asked_for_each_trace() -> None:
    heard: List[Any] = []
    with ScriptedServer(otherwise=lambda request: {"status": 400, "body": {"message": "No"}}) as server:
        with LLMEvalClient(
            server.url, flush_at=100, flush_interval=60, on_error=lambda error, traces: heard.append((type(error), len(traces)))
        ) as client:
            for i in range(100):
                client.capture(a_trace(f"t-{i}"))
            assert client.flush(5)

    assert len(server.received) == 25
    assert heard == [(BadRequestError, 100)]


def test_after_many_refusals_what_is_left_is_tried_once_more() -> None:
    def answer(request: Received) -> Dict[str, Any]:
        return {"status": 400, "body": {"message": "No"}} if b"odd" in request.unpacked else stored(request)

    with ScriptedServer(otherwise=answer) as server:
        with LLMEvalClient(server.url, flush_at=100, flush_interval=60) as client:
            for i in range(100):
                client.capture(a_trace(f"odd-{i}" if i < 25 else f"t-{i}"))
            assert client.flush(5)
            assert (client.delivery_stats.delivered, client.delivery_stats.dropped) == (75, 25)


def test_refused_traces_are_counted_and_reported() -> None:
    reports: List[Any] = []
    answer = {
        "status": 200,
        "body": {"success": True, "processed_count": 1, "errors": ["traces[1].cost: must be at least 0 (trace_id: b)"], "trace_ids": ["a"]},
    }
    with ScriptedServer([answer]) as server, LLMEvalClient(server.url, on_error=lambda *report: reports.append(report)) as client:
        client.capture(a_trace("a"))
        client.capture(a_trace("b", cost=-1))

        assert client.flush(5)
        assert (client.delivery_stats.delivered, client.delivery_stats.dropped) == (1, 1)
    ((error, traces),) = reports
    assert isinstance(error, ValidationError) and error.errors == ["traces[1].cost: must be at least 0 (trace_id: b)"]
    assert [trace["trace_id"] for trace in traces] == ["b"]


REFUSAL = {
    "status": 200,
    "body": {
        "success": True,
        "processed_count": 1,
        "errors": ["traces[0].cost: must be at least 0 (trace_id: a)", "traces[2].cost: must be at least 0 (trace_id: c)"],
        "trace_ids": ["b"],
    },
}


@pytest.mark.parametrize("flush", [LLMEvalClient.flush, LLMEvalClient.shutdown])
def test_a_flush_waits_until_the_error_callback_has_returned(flush: Callable[..., bool]) -> None:
    heard: List[Any] = []

    def slow(error: Exception, traces: List[Dict[str, Any]]) -> None:
        seen = client.delivery_stats
        time.sleep(0.2)
        heard.append(([trace["trace_id"] for trace in traces], seen.delivered, seen.dropped, seen.queued))
        raise RuntimeError

    with ScriptedServer([REFUSAL]) as server:
        client = LLMEvalClient(server.url, on_error=slow)
        for trace_id in "abc":
            client.capture(a_trace(trace_id))

        assert flush(client, 5)
        assert heard == [(["a", "c"], 1, 2, 0)]
        client.shutdown()


def test_an_asyncio_flush_waits_for_the_error_callback_too() -> None:
    heard: List[Any] = []

    def slow(error: Exception, traces: List[Dict[str, Any]]) -> None:
        time.sleep(0.2)
        heard.extend(trace["trace_id"] for trace in traces)

    async def run(url: str) -> None:
        async with AsyncLLMEvalClient(url, on_error=slow) as client:
            for trace_id in "abc":
                client.capture(a_trace(trace_id))
            assert await client.flush(5)
            assert heard == ["a", "c"]

    with ScriptedServer([REFUSAL]) as server:
        asyncio.run(run(server.url))


def test_an_error_callback_that_takes_too_long_is_not_waited_for() -> None:
    released = threading.Event()

    with ScriptedServer([REFUSAL], otherwise=stored) as server:
        client = LLMEvalClient(server.url, on_error=lambda error, traces: released.wait(10) and None)
        for trace_id in "abc":
            client.capture(a_trace(trace_id))
        started = time.monotonic()

        assert client.flush(0.3) is False
        assert time.monotonic() - started < 5
        released.set()
        assert client.flush(5)
        client.shutdown()


def test_an_error_callback_may_capture_what_it_hears() -> None:
    def again(error: Exception, traces: List[Dict[str, Any]]) -> None:
        for trace in traces:
            client.capture({**trace, "trace_id": trace["trace_id"] + "-again", "cost": 0})

    with ScriptedServer([REFUSAL], otherwise=stored) as server, LLMEvalClient(server.url, on_error=again) as client:
        for trace_id in "abc":
            client.capture(a_trace(trace_id, cost=-1))
        assert client.flush(5)
        assert client.flush(5)

        assert [trace["trace_id"] for trace in server.received[1].json["traces"]] == ["a-again", "c-again"]


def test_an_error_callback_may_flush_in_the_thread_that_captures() -> None:
    flushed: List[bool] = []

    def flush(error: Exception, traces: Any) -> None:
        opened.set()
        flushed.append(client.flush(5))

    opened = threading.Event()
    with ScriptedServer(otherwise=lambda request: stored(request) if opened.wait(10) else {"status": 400}) as server:
        client = LLMEvalClient(server.url, max_queue_size=1, flush_at=1, on_error=flush)
        started = time.monotonic()
        client.capture(a_trace("a"))
        eventually(lambda: server.received)
        client.capture(a_trace("b"))
        client.capture(a_trace("c"))

        assert flushed == [True]
        assert time.monotonic() - started < 5
        assert client.shutdown()


def test_without_a_thread_refused_traces_are_counted_and_told_too(monkeypatch: pytest.MonkeyPatch) -> None:
    heard: List[Any] = []

    def tell(error: Exception, traces: List[Dict[str, Any]]) -> None:
        heard.append((type(error), [trace["trace_id"] for trace in traces], client.flush(0.1)))

    with ScriptedServer([REFUSAL, {"status": 401, "body": {"message": "A key is needed"}}], otherwise=stored) as server:
        client = LLMEvalClient(server.url, flush_at=3, on_error=tell)
        # As while the interpreter ends.
        monkeypatch.setattr(Delivery, "_start", lambda delivery: None)
        for trace_id in "abc":
            client.capture(a_trace(trace_id))
        assert client.flush(5)
        assert (client.delivery_stats.delivered, client.delivery_stats.dropped, client.delivery_stats.queued) == (1, 2, 0)
        client.capture(a_trace("d"))
        assert client.shutdown(5)
        assert (client.delivery_stats.delivered, client.delivery_stats.dropped, client.delivery_stats.queued) == (1, 3, 0)

    assert heard == [(ValidationError, ["a", "c"], True), (AuthenticationError, ["d"], True)]


def test_a_batch_that_is_refused_does_not_hold_up_the_next() -> None:
    with ScriptedServer([{"status": 401, "body": {"message": "A key is needed"}}], otherwise=stored) as server:
        with LLMEvalClient(server.url, flush_at=1) as client:
            client.capture(a_trace("a"))
            assert client.flush(5)
            client.capture(a_trace("b"))
            assert client.flush(5)
            assert (client.delivery_stats.delivered, client.delivery_stats.dropped) == (1, 1)


def test_an_error_callback_that_raises_or_flushes_hurts_nobody() -> None:
    def worst(error: Exception, traces: Any) -> None:
        assert client.flush(5) is False
        raise RuntimeError

    with ScriptedServer([{"status": 400}], otherwise=stored) as server:
        with LLMEvalClient(server.url, on_error=worst) as client:
            client.capture(a_trace("a"))
            assert client.flush(5)
            client.capture(a_trace("b"))
            assert client.flush(5)
            assert client.delivery_stats.delivered == 1


def test_an_error_callback_that_exits_does_not_end_the_deliveries() -> None:
    answers = [{"status": 422, "body": {"message": "no"}}]

    def leave(*_: Any) -> None:
        raise SystemExit(1)

    with ScriptedServer(answers, otherwise=stored) as server, LLMEvalClient(server.url, on_error=leave) as client:
        client.capture(a_trace("refused"))
        assert client.flush(5)
        client.capture(a_trace("next"))
        assert client.flush(5)

        assert (client.delivery_stats.dropped, client.delivery_stats.delivered) == (1, 1)


def test_threads_share_a_client() -> None:
    with ScriptedServer(otherwise=stored) as server, LLMEvalClient(server.url) as client:

        def work(number: int) -> None:
            for i in range(200):
                client.capture(a_trace(f"{number}-{i}"))
            client.send_trace(a_trace(f"{number}-explicit"))

        threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert client.flush(10)

        ids = [trace["trace_id"] for request in server.received for trace in request.json.get("traces", [])]
        assert len(ids) == len(set(ids)) == 1_600


def test_shutdown_sends_the_rest_and_leaves_no_thread() -> None:
    with ScriptedServer(otherwise=stored) as server:
        before = threading.enumerate()
        client = LLMEvalClient(server.url, flush_interval=60)
        client.capture(a_trace())

        assert client.shutdown(5)
        assert len(server.received) == 1
        assert not deliveries_since(before)
        client.capture(a_trace("late"))
        assert client.delivery_stats.dropped == 1


def test_what_is_captured_after_the_shutdown_is_told() -> None:
    heard: List[Any] = []

    def hear(error: Exception, traces: List[Dict[str, Any]]) -> None:
        heard.append((type(error), [trace["trace_id"] for trace in traces]))
        client.capture(a_trace("about-it"))

    client = LLMEvalClient("http://127.0.0.1:9", on_error=hear)
    client.shutdown()
    client.capture(a_trace("late"))

    assert heard == [(NotDeliveredError, ["late"])]
    assert client.delivery_stats.dropped == 2


def test_an_idle_thread_ends_and_another_begins(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("llm_eval_sdk._delivery._IDLE_SECONDS", 0.05)
    before = threading.enumerate()
    recording = Recording()
    recording.client.capture(a_trace("a"))
    assert recording.client.flush(5)

    eventually(lambda: not deliveries_since(before))
    recording.client.capture(a_trace("b"))

    assert [trace["trace_id"] for trace in recording.traces] == ["a", "b"]


def test_a_client_that_nobody_holds_still_delivers_and_then_goes() -> None:
    before = len([one for one in gc.get_objects() if isinstance(one, Delivery)])
    with ScriptedServer(otherwise=stored) as server:
        LLMEvalClient(server.url, flush_interval=0.05).capture(a_trace())
        eventually(lambda: server.received)

    def gone() -> bool:
        gc.collect()
        return len([one for one in gc.get_objects() if isinstance(one, Delivery)]) <= before + 1

    eventually(gone)


def test_a_signal_handler_may_capture_while_its_thread_captures() -> None:
    recording = Recording()
    delivery = recording.client._delivery

    with delivery._changed:
        recording.client.capture(a_trace())

    assert len(recording.traces) == 1


def test_a_silent_server_does_not_slow_captures() -> None:
    with ScriptedServer([{"fault": "silence"}], otherwise=stored) as server:
        client = LLMEvalClient(server.url, timeout=2, flush_at=1)
        started = time.monotonic()
        for i in range(1_000):
            client.capture(a_trace(f"t-{i}"))
        took = time.monotonic() - started

        assert took < 1.5
        assert client.flush(10)
        assert client.delivery_stats.delivered == 1_000
        client.shutdown()


@pytest.mark.parametrize("address", ["localhost:8000", "ftp://localhost", "http://", "http://a b", "http://localhost:99999", "http://[::1", 5])
def test_what_is_no_address_is_told_at_once(address: Any) -> None:
    with pytest.raises(ValueError, match="base_url must be an address"):
        LLMEvalClient(address)


@pytest.mark.parametrize(
    "settings, named",
    [
        ({"api_key": "a\nb"}, "api_key"),
        ({"api_key": "ключ"}, "api_key"),
        ({"headers": {"X-Team": 5}}, "X-Team"),
        ({"headers": {"X-Team": "a\r\nX-Other: b"}}, "X-Team"),
        ({"timeout": None}, "timeout"),
        ({"timeout": 0}, "timeout"),
        ({"timeout": float("inf")}, "timeout"),
        ({"max_retries": None}, "max_retries"),
        ({"flush_at": "5"}, "flush_at"),
        ({"flush_interval": "2"}, "flush_interval"),
        ({"flush_interval": float("nan")}, "flush_interval"),
        ({"max_queue_size": True}, "max_queue_size"),
        ({"max_queue_bytes": None}, "max_queue_bytes"),
        ({"max_batch_bytes": -1}, "max_batch_bytes"),
        ({"before_send": "redact"}, "before_send"),
        ({"on_error": 5}, "on_error"),
        ({"source": None}, "source"),
        ({"default_metadata": "shop"}, "default_metadata"),
        ({"webhook_secret": "whsec_%"}, "whsec_"),
    ],
)
def test_a_setting_that_nothing_could_work_with_is_told_at_once(settings: Any, named: str) -> None:
    with pytest.raises(ValueError, match=named):
        LLMEvalClient("http://localhost:8000", **settings)


def test_a_wait_may_be_without_end() -> None:
    with ScriptedServer(otherwise=stored) as server:
        client = LLMEvalClient(server.url, flush_interval=float("inf"))
        client.capture(a_trace())

        assert client.flush(float("inf"))
        assert client.shutdown(float("inf"))
        assert client.delivery_stats.delivered == 1


def test_a_key_may_come_with_the_line_break_of_its_file() -> None:
    with ScriptedServer(otherwise=stored) as server:
        LLMEvalClient(server.url, api_key="llme_1\n").send_trace(a_trace())
        assert server.received[0].headers["authorization"] == "Bearer llme_1"


def test_a_wrong_address_is_told_at_once() -> None:
    with pytest.raises(ValueError, match="api_key"):
        LLMEvalClient("http://user:password@localhost:8000")
    with pytest.raises(APIConnectionError):
        LLMEvalClient("http://127.0.0.1:9", max_retries=0).send_trace(a_trace())
