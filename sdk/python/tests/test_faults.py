"""A real server over a bad network, and one that is killed: nothing is lost that was acknowledged or queued, nothing is stored twice."""

from __future__ import annotations

import asyncio
import threading
import time
from typing import Any, List

from llm_eval_sdk import AsyncLLMEvalClient, LLMEvalClient, StopStream
from support import a_trace, eventually
from testkit.proxy import ResettingProxy
from testkit.scripted import ScriptedServer, stored
from testkit.server import ServerProcess


def test_a_network_that_resets_every_tenth_connection() -> None:
    with ServerProcess() as server, ResettingProxy(server.port, every=10) as proxy:
        # A connection for each request, or one good connection would carry them all.
        client = LLMEvalClient(proxy.url, flush_at=5, flush_interval=0.05, headers={"Connection": "close"})
        for i in range(50):
            client.send_trace(a_trace(f"explicit-{i}"))
            client.capture(a_trace(f"captured-{i}"))
        assert client.shutdown(30)

        assert proxy.resets >= 5
        expected = {f"{kind}-{i}" for kind in ("explicit", "captured") for i in range(50)}
        assert {trace["trace_id"] for trace in server.traces()} == expected
        assert server.get("/webhook/stats")["total_traces"] == 100
        assert client.delivery_stats.dropped == 0


def test_a_server_that_is_killed_and_started_again() -> None:
    with ServerProcess() as server:
        client = LLMEvalClient(server.url, flush_at=5, flush_interval=0.05, max_retries=8)
        seen: List[Any] = []
        ready = threading.Event()

        def follow() -> None:
            for event in client.stream_events(on_error=lambda error: None):
                ready.set()
                if event["event"] == "trace_updates":
                    seen.append(event["data"]["trace_id"])
                if "last" in seen:
                    return

        follower = threading.Thread(target=follow, daemon=True)
        follower.start()
        assert ready.wait(10)
        for i in range(60):
            client.capture(a_trace(f"t-{i}"))
            if i == 20:
                server.kill()
                threading.Timer(0.5, server.start).start()
            time.sleep(0.01)
        client.send_trace(a_trace("explicit"))
        assert client.flush(30)
        client.send_trace(a_trace("last"))
        follower.join(20)

        assert not follower.is_alive()
        assert sorted(seen) == sorted({*(f"t-{i}" for i in range(60)), "explicit", "last"}), "each event once, none missing"
        assert server.get("/webhook/stats")["total_traces"] == 62
        client.shutdown()


def test_an_asyncio_stream_goes_on_after_the_server_was_killed() -> None:
    seen: List[str] = []
    reported: List[Exception] = []

    async def run(server: ServerProcess) -> None:
        async with AsyncLLMEvalClient(server.url, max_retries=8) as client:
            connected = asyncio.Event()

            def collect(event: Any) -> None:
                connected.set()
                if event["event"] == "trace_updates":
                    seen.append(event["data"]["trace_id"])
                if "after" in seen:
                    raise StopStream

            stream = asyncio.ensure_future(client.stream_events(collect, on_error=reported.append))
            await asyncio.wait_for(connected.wait(), 10)
            await client.send_trace(a_trace("before"))
            while not seen:
                await asyncio.sleep(0.01)
            server.kill()
            await asyncio.get_running_loop().run_in_executor(None, server.start)
            await client.send_trace(a_trace("after"))
            await asyncio.wait_for(stream, 20)

    with ServerProcess() as server:
        asyncio.run(run(server))

    assert seen == ["before", "after"]
    assert reported


def test_a_burst_of_503_and_429_loses_nothing() -> None:
    burst: List[Any] = [{"status": status, "headers": {"retry-after": "0"}} for status in (503, 429) * 5]
    with ScriptedServer(burst, otherwise=stored) as scripted, LLMEvalClient(scripted.url, max_retries=20) as client:
        for i in range(20):
            client.capture(a_trace(f"c-{i}"))
        client.send_trace(a_trace("explicit"))
        assert client.flush(20)

        eventually(lambda: client.delivery_stats.delivered == 20)
