"""The ends and beginnings of processes: exit, fork, multiprocessing."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from testkit.repository import ROOT
from testkit.scripted import ScriptedServer, stored


def run(program: str, url: str, timeout: float = 20, warnings: str = "error", **environment: str) -> Any:
    path = str(ROOT / "sdk" / "python")
    return subprocess.run(
        [sys.executable, "-W", warnings, "-c", program],
        env={**os.environ, "PYTHONPATH": path, "LLM_EVAL_BASE_URL": url, **environment},
        capture_output=True,
        text=True,
        timeout=timeout,
    )


def ids(server: ScriptedServer) -> list[str]:
    return sorted(trace["trace_id"] for request in server.received for trace in request.json["traces"])


TRACE = "trace_id={}, model_name='m', user_query='q', ai_response='a'"


def test_what_was_captured_is_sent_at_exit() -> None:
    program = f"""
from llm_eval_sdk import LLMEvalClient
client = LLMEvalClient(flush_interval=60)
client.capture({TRACE.format("'last'")})
"""
    with ScriptedServer(otherwise=stored) as server:
        ran = run(program, server.url)

    assert (ran.returncode, ran.stdout, ran.stderr) == (0, "", "")
    assert ids(server) == ["last"]


def test_what_is_captured_while_the_interpreter_ends_is_sent_too() -> None:
    program = f"""
import atexit
from llm_eval_sdk import LLMEvalClient
client = LLMEvalClient(flush_interval=60)

@atexit.register
def late():
    client.capture({TRACE.format("'later'")})
    client.flush(5)
"""
    with ScriptedServer(otherwise=stored) as server:
        ran = run(program, server.url)

    assert (ran.returncode, ran.stderr) == (0, "")
    assert ids(server) == ["later"]


@pytest.mark.parametrize("early", ["", f"client.capture({TRACE.format(chr(39) + 'early' + chr(39))})"])
def test_what_is_captured_by_the_last_of_all_that_ends_is_sent_too(early: str) -> None:
    program = f"""
import atexit

@atexit.register
def last():
    client.capture({TRACE.format("'last'")})

from llm_eval_sdk import LLMEvalClient
client = LLMEvalClient(flush_interval=60)
{early}
"""
    with ScriptedServer(otherwise=stored) as server:
        ran = run(program, server.url)

    assert (ran.returncode, ran.stderr) == (0, "")
    assert ids(server) == (["early", "last"] if early else ["last"])


def test_threads_that_go_on_capturing_while_the_interpreter_ends_take_nothing_from_one_another() -> None:
    program = f"""
import atexit, threading, time

@atexit.register
def last():
    threads = [threading.Thread(target=lambda: [client.capture({TRACE.format("None")}) for _ in range(10)]) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    print(client.delivery_stats)

from llm_eval_sdk import LLMEvalClient
client = LLMEvalClient(flush_interval=60)
"""
    with ScriptedServer(otherwise=stored) as server:
        ran = run(program, server.url)

    if "can't start new thread" in ran.stderr or "at interpreter shutdown" in ran.stderr:
        pytest.skip("this Python starts no thread while it ends")
    assert (ran.stdout, ran.stderr) == ("DeliveryStats(captured=80, delivered=80, dropped=0, queued=0)\n", "")


def test_what_is_refused_while_the_interpreter_ends_is_told() -> None:
    program = f"""
import atexit, threading
from llm_eval_sdk import LLMEvalClient
client = LLMEvalClient(flush_interval=60, on_error=lambda error, traces: print(type(error).__name__, [t["trace_id"] for t in traces]))

@atexit.register
def late():
    def start(thread):
        raise RuntimeError("can't create new thread at interpreter shutdown")  # As Python 3.12 does.
    threading.Thread.start = start
    client.capture({TRACE.format("'good'")})
    client.capture({TRACE.format("'bad'")}, cost=-1)
    print(client.flush(5), client.delivery_stats)
"""
    answer = {"status": 200, "body": {"success": True, "processed_count": 1, "errors": ["traces[1].cost: no"], "trace_ids": ["good"]}}
    with ScriptedServer([answer]) as server:
        ran = run(program, server.url)

    assert ran.stdout == "ValidationError ['bad']\nTrue DeliveryStats(captured=2, delivered=1, dropped=1, queued=0)\n"
    assert (ran.returncode, ran.stderr) == (0, "1 traces were refused (HTTP 422); on_error tells more\n")


def test_an_exit_is_not_held_up_by_a_server_that_is_silent() -> None:
    program = f"""
from llm_eval_sdk import LLMEvalClient, _delivery
assert _delivery.EXIT_SECONDS == 5
_delivery.EXIT_SECONDS = 1
client = LLMEvalClient(timeout=60)
client.capture({TRACE.format("'lost'")})
"""
    with ScriptedServer([{"fault": "silence"}]) as server:
        started = time.monotonic()
        ran = run(program, server.url)
        took = time.monotonic() - started

    assert ran.returncode == 0
    assert 1 < took < 15
    assert "1 traces were not delivered before the end" in ran.stderr


@pytest.mark.skipif(not hasattr(os, "fork"), reason="forks are for Unix")
def test_a_forked_process_sends_its_own_traces_and_not_its_parents() -> None:
    program = f"""
import os
from llm_eval_sdk import LLMEvalClient
client = LLMEvalClient(flush_interval=60)
client.capture({TRACE.format("'parent-1'")})
client.send_traces_batch([dict({TRACE.format("'explicit-parent'")})])
pids = []
for number in range(3):
    pid = os.fork()
    if pid == 0:
        client.capture({TRACE.format("f'child-{number}'")})
        client.send_traces_batch([dict({TRACE.format("f'explicit-{number}'")})])
        assert client.flush(5)
        os._exit(0)
    pids.append(pid)
assert [os.waitpid(pid, 0)[1] for pid in pids] == [0, 0, 0]
client.capture({TRACE.format("'parent-2'")})
"""
    with ScriptedServer(otherwise=stored) as server:
        ran = run(program, server.url)

    assert (ran.returncode, ran.stderr) == (0, "")
    assert ids(server) == [
        "child-0",
        "child-1",
        "child-2",
        "explicit-0",
        "explicit-1",
        "explicit-2",
        "explicit-parent",
        "parent-1",
        "parent-2",
    ]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="forks are for Unix")
def test_a_process_forked_while_another_thread_captures_does_not_hang() -> None:
    program = f"""
import os, threading, time
from llm_eval_sdk import LLMEvalClient
client = LLMEvalClient(flush_at=1, max_queue_size=100_000)
stop = threading.Event()

def busy():
    while not stop.is_set():
        client.capture({TRACE.format("None")})
        time.sleep(0.0002)

threading.Thread(target=busy, daemon=True).start()
for number in range(30):
    pid = os.fork()
    if pid == 0:
        client.capture({TRACE.format("f'child-{number}'")})
        os._exit(0 if client.flush(5) else 1)
    assert os.waitpid(pid, 0)[1] == 0
stop.set()
assert client.shutdown(10)
"""
    with ScriptedServer(otherwise=stored) as server:
        ran = run(program, server.url, timeout=60)

    assert ran.returncode == 0, ran.stderr
    assert {f"child-{number}" for number in range(30)} <= set(ids(server))


def test_a_process_of_multiprocessing_sends_at_its_end() -> None:
    program = f"""
import multiprocessing
from llm_eval_sdk import LLMEvalClient
client = LLMEvalClient(flush_interval=60)

def work(number):
    client.capture({TRACE.format("f'worker-{number}'")})

if __name__ == "__main__":
    context = multiprocessing.get_context("fork")
    workers = [context.Process(target=work, args=(number,)) for number in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
"""
    with ScriptedServer(otherwise=stored) as server:
        ran = run(program, server.url)

    assert ran.returncode == 0, ran.stderr
    assert ids(server) == ["worker-0", "worker-1"]


def test_an_error_comes_back_from_a_pool_of_processes() -> None:
    program = f"""
import multiprocessing
from llm_eval_sdk import LLMEvalClient, ValidationError

def work(number):
    LLMEvalClient().send_trace({TRACE.format("'bad'")})

if __name__ == "__main__":
    with multiprocessing.get_context("fork").Pool(1) as pool:
        try:
            pool.map_async(work, [1]).get(10)
        except ValidationError as error:
            print(error, error.status, error.errors, error.request_id, error.retry_after)
"""
    answer = {"status": 422, "body": {"message": "no", "errors": ["cost: must not be negative"]}, "headers": {"x-request-id": "r-1"}}
    with ScriptedServer([answer]) as server:
        ran = run(program, server.url)

    assert ran.stdout == "no: cost: must not be negative (HTTP 422) 422 ['cost: must not be negative'] r-1 None\n", ran.stderr


def test_an_import_of_the_package_starts_nothing() -> None:
    program = """
import threading
import llm_eval_sdk
llm_eval_sdk.LLMEvalClient()
assert threading.active_count() == 1
"""
    assert run(program, "http://127.0.0.1:9").returncode == 0


def test_logs_hold_no_key_and_no_text() -> None:
    program = """
import logging
logging.basicConfig(level=logging.DEBUG)
from llm_eval_sdk import LLMEvalClient
client = LLMEvalClient(api_key="evk_hidden", on_error=lambda *_: 1 / 0)
trace = dict(model_name="m", user_query="private question", ai_response="private answer", metadata={"who": "private person"})
for _ in range(2):
    try:
        print(client, client.send_trace(trace))
    except Exception as error:
        print(repr(error))
client.capture(trace)
client.flush()
"""
    answers = [{"status": 503, "headers": {"retry-after": "0"}}, "all", {"status": 422, "body": {"message": "no"}}, {"status": 400}]
    with ScriptedServer(answers) as server:
        ran = run(program, server.url)

    assert ran.returncode == 0
    logged = ran.stdout + ran.stderr
    assert "POST /webhook/trace: 503" in logged and "ValidationError" in logged
    assert "hidden" not in logged and "private" not in logged


def test_an_asyncio_client_that_is_never_closed_makes_no_noise() -> None:
    program = f"""
import asyncio, gc
from llm_eval_sdk import AsyncLLMEvalClient
client = AsyncLLMEvalClient()
for number in range(3):
    asyncio.run(client.send_trace({TRACE.format("str(number)")}))
    gc.collect()
"""
    with ScriptedServer(otherwise=stored) as server:
        ran = run(program, server.url, warnings="ignore")

    assert (ran.returncode, ran.stderr) == (0, "")
    assert len(server.received) == 3


def test_an_asyncio_client_may_be_shared_by_the_loops_of_several_threads() -> None:
    program = f"""
import asyncio, threading
from llm_eval_sdk import AsyncLLMEvalClient
client = AsyncLLMEvalClient(max_retries=0)
done = []

async def send():
    for _ in range(5):
        await client.send_trace({TRACE.format("None")})

def work():
    for _ in range(5):
        asyncio.run(send())
    done.append(True)

threads = [threading.Thread(target=work) for _ in range(4)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(len(done))
"""
    with ScriptedServer(otherwise=stored) as server:
        ran = run(program, server.url, warnings="ignore")

    assert (ran.stdout, ran.stderr) == ("4\n", "")
    assert len(server.received) == 100


def test_an_entry_in_netrc_does_not_replace_the_key(tmp_path: Path) -> None:
    netrc = tmp_path / ".netrc"
    netrc.write_text("machine 127.0.0.1 login somebody password else\n")
    netrc.chmod(0o600)
    program = f"""
from llm_eval_sdk import LLMEvalClient
LLMEvalClient(api_key="evk_mine").send_trace({TRACE.format("'keyed'")})
"""
    with ScriptedServer(otherwise=stored) as server:
        ran = run(program, server.url, HOME=str(tmp_path), NETRC=str(netrc))

    assert ran.returncode == 0, ran.stderr
    assert [request.headers["authorization"] for request in server.received] == ["Bearer evk_mine"]
