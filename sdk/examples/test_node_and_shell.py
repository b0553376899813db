"""The examples that are not Python (those stand in sdk/python/tests), each by its one command, against a real server."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import time
import urllib.request
from pathlib import Path
from typing import Any, Iterator

import pytest
from testkit import node
from testkit.node import Listening, PageInChromium
from testkit.repository import ROOT, skip_or_fail
from testkit.scripted import Script, ScriptedServer
from testkit.server import ServerProcess, free_port

EXAMPLES = ROOT / "examples"


def environment(server: ServerProcess, **more: str) -> dict[str, str]:
    return {**os.environ, "LLM_EVAL_BASE_URL": server.url, **more}


@pytest.fixture
def copied() -> Iterator[Path]:
    """The examples where the packages of the JavaScript tests are found, so that nothing is installed anew."""
    node.require_packages()
    folder = node.PACKAGES / ".examples"
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(EXAMPLES, folder, ignore=shutil.ignore_patterns("node_modules"))
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


def run(command: list[str], folder: Path, server: ServerProcess, patience: float = 120) -> str:
    done = subprocess.run(command, cwd=folder, env=environment(server), capture_output=True, text=True, timeout=patience)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_curl(server: ServerProcess) -> None:
    output = run(["bash", "send.sh"], EXAMPLES / "curl", server)

    assert output.count('"success":true') == 3
    first = re.search(r"curl-\d+-\d+", output)
    assert first is not None
    assert server.trace(f"{first[0]}-2")["evaluation_status"] == "rejected"


def test_the_shell_script_goes_on_after_a_restart() -> None:
    with ServerProcess() as server:
        with Listening(["bash", "follow.sh"], EXAMPLES / "shell", environment(server)) as program:
            program.wait_for(lambda line: "connected" in line)
            post(server, "before")
            program.wait_for(lambda line: "new_trace" in line and "before" in line)
            server.kill()
            server.start()
            post(server, "after")
            program.wait_for(lambda line: "new_trace" in line and "after" in line)

            assert sum("new_trace" in line and "before" in line for line in program.lines) == 1


def test_the_shell_script_waits_for_a_busy_server_and_stops_at_one_that_refuses_it() -> None:
    event = 'id: 7\ndata: {"event": "trace_updates", "data": {"action": "new_trace", "trace_id": "once"}}\n\n'
    answers: list[Script] = [{"status": 429}, {"status": 503}, {"status": 200, "pieces": [event]}, {"status": 403}]
    with ScriptedServer(answers) as scripted:
        start = ["bash", "follow.sh"]
        settings = {**os.environ, "LLM_EVAL_BASE_URL": scripted.url, "LLM_EVAL_API_KEY": ""}
        done = subprocess.run(start, cwd=EXAMPLES / "shell", env=settings, capture_output=True, text=True, timeout=60)

    assert done.returncode == 1
    assert "once" in done.stdout
    assert "answered 429" in done.stderr and "answered 503" in done.stderr
    assert "going on after event 7" in done.stderr
    assert "LLM_EVAL_API_KEY" in done.stderr.splitlines()[-1]
    assert [request.headers.get("last-event-id") for request in scripted.received] == [None, None, None, "7"]


def test_the_shell_script_asks_again_for_an_event_that_broke_off() -> None:
    whole = 'id: 7\ndata: {"event": "trace_updates", "data": {"action": "new_trace", "trace_id": "once"}}\n\n'
    heartbeat = ": hb\nid: 8\n\n"
    cut_offs = ["id: 9\n", 'id: 9\ndata: {"event": "trace_up', 'id: 9\ndata: {"event": "e"}\n']
    answers: list[Script] = [{"status": 200, "pieces": [whole, heartbeat, cut_off]} for cut_off in cut_offs]
    with ScriptedServer([*answers, {"status": 403}]) as scripted:
        settings = {**os.environ, "LLM_EVAL_BASE_URL": scripted.url, "LLM_EVAL_API_KEY": ""}
        done = subprocess.run(["bash", "follow.sh"], cwd=EXAMPLES / "shell", env=settings, capture_output=True, text=True, timeout=60)

    assert [request.headers.get("last-event-id") for request in scripted.received] == [None, "8", "8", "8"]
    assert len(done.stdout.splitlines()) == 3 and "once" in done.stdout


def test_node_logs_every_call_and_hears_of_it(server: ServerProcess, copied: Path) -> None:
    output = run(["npm", "start"], copied / "node", server)

    assert output.count("stored: ") == 3
    assert "delivered: 3" in output
    question = "What is the capital of France?"
    outer = next(trace for trace in server.traces() if trace["model_name"] == "answer")
    inner = [trace for trace in server.traces() if trace.get("parent_id") == outer["trace_id"]]
    assert outer["user_query"] == question
    assert {trace["model_name"] for trace in inner} == {"gpt-4o-mini"} and len(inner) == 2
    assert all(trace["cost"] > 0 and trace["session_id"] == "example" for trace in inner)


def test_express_logs_its_answers(server: ServerProcess, copied: Path) -> None:
    with Listening(["npm", "start"], copied / "express", environment(server, PORT="0")) as program:
        url = program.wait_for(lambda line: "Listening on" in line).split()[-1]
        body = json.dumps({"query": "Of express?"}).encode()
        with urllib.request.urlopen(urllib.request.Request(f"{url}/ask", body, {"content-type": "application/json"}), timeout=10) as answer:
            assert json.load(answer) == {"llm_response": "You asked: Of express?"}
        stored = wait_for_query(server, "Of express?")

    assert (stored["model_name"], stored["ai_response"]) == ("echo-1", "You asked: Of express?")
    assert stored["metadata"] == {"endpoint": "/ask", "method": "POST", "status": 200}


def test_react_shows_figures_and_traces_live(copied: Path) -> None:
    with ServerProcess() as server, PageInChromium() as page:
        main = copied / "react" / "src" / "main.jsx"
        main.write_text(main.read_text("utf-8") + page.reporter, "utf-8")
        port = free_port()
        start = ["npm", "start", "--", "--port", str(port), "--strictPort"]
        with Listening(start, copied / "react", environment(server, VITE_LLM_EVAL_BASE_URL=server.url)) as program:
            program.wait_for(lambda line: "Local:" in line)
            page.open(f"http://localhost:{port}/")
            page.wait_for(lambda text: "None yet." in text and "Traces\n0" in text)
            post(server, "shown", user_query="Is it live?")
            page.wait_for(lambda text: "Is it live?" in text and "Traces\n1" in text)


def test_csharp(server: ServerProcess) -> None:
    if shutil.which("dotnet") is None:
        skip_or_fail("The .NET SDK was not found.")
    output = run(["dotnet", "run", "send.cs"], EXAMPLES / "csharp", server, patience=240)

    assert '"success":true' in output
    assert "Announced: trace_updates new_trace" in output


def post(server: ServerProcess, trace_id: str, **fields: Any) -> None:
    body = {"trace_id": trace_id, "model_name": "gpt-4", "user_query": "q", "ai_response": "a", **fields}
    request = urllib.request.Request(f"{server.url}/webhook/trace", json.dumps(body).encode(), {"content-type": "application/json"})
    urllib.request.urlopen(request, timeout=10).close()


def wait_for_query(server: ServerProcess, query: str) -> Any:
    for _ in range(200):
        found = [trace for trace in server.traces() if trace["user_query"] == query]
        if found:
            return found[0]
        time.sleep(0.05)
    raise AssertionError(f"No trace asks: {query}")
