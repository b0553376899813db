"""What the guide prints of HTTP: bodies, answers, events, commands."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import urllib.request
from typing import Any, Iterator

import pytest
from blocks import block, read_blocks
from testkit.repository import ROOT, skip_or_fail
from testkit.server import ServerProcess


@pytest.fixture(scope="module")
def empty_server() -> Iterator[ServerProcess]:
    with ServerProcess() as server:
        yield server


def body(heading: str, number: int) -> Any:
    """A printed body without its elisions, which are not JSON."""
    return json.loads(re.sub(r",\s*// \.\.\. .*", "", block("json", heading, number).text))


def post(server: ServerProcess, path: str, content: Any) -> Any:
    request = urllib.request.Request(server.url + path, json.dumps(content).encode(), {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=10) as answer:
        return json.load(answer)


def events(server: ServerProcess, path: str, count: int) -> list[str]:
    """The first data lines of a stream."""
    lines: list[str] = []
    with urllib.request.urlopen(server.url + path, timeout=10) as stream:
        while len(lines) < count:
            line = stream.readline().decode()
            if line.startswith("data: "):
                lines.append(line)
    return lines


def test_a_trace_is_stored_and_answered_as_printed(empty_server: ServerProcess) -> None:
    sent = body("Single Trace Webhook", 0)

    assert post(empty_server, "/webhook/trace", sent) == body("Single Trace Webhook", 1)
    stored = empty_server.trace(sent["trace_id"])
    assert {name: stored[name] for name in sent if name != "timestamp"} == {name: sent[name] for name in sent if name != "timestamp"}
    assert stored["timestamp"].startswith("2025-01-27T12:00:00")


def test_a_batch_is_stored_and_answered_as_printed(empty_server: ServerProcess) -> None:
    sent = body("Batch Trace Webhook", 0)

    assert post(empty_server, "/webhook/batch", sent) == body("Batch Trace Webhook", 1)
    stored = empty_server.trace("trace_2")
    assert (stored["source"], stored["batch_id"], stored["ai_response"]) == ("production_app", "batch_123", "Second response")


def test_the_figures_have_the_printed_members(empty_server: ServerProcess) -> None:
    printed = body("Webhook Stats", 0)
    answer = empty_server.get("/webhook/stats")

    assert [(name, type(value)) for name, value in answer.items() if name in printed] == [
        (name, type(value)) for name, value in printed.items()
    ]


def test_the_metrics_event_has_the_printed_members(empty_server: ServerProcess) -> None:
    printed = body("Metrics Stream", 0)
    event = json.loads(events(empty_server, "/stream/metrics?interval=1", 2)[1][len("data: ") :])

    assert event.keys() == printed.keys() and event["event"] == printed["event"]
    assert event["data"].keys() == printed["data"].keys()


def test_events_have_the_printed_form(empty_server: ServerProcess) -> None:
    printed = [json.loads(line[len("data: ") :]) for line in block("", "Live Events Stream").text.splitlines() if line]
    post(empty_server, "/webhook/trace", {"trace_id": "abc123", "model_name": "printed", "user_query": "q", "ai_response": "a"})
    post(empty_server, "/api/evaluations", {"trace_id": "abc123", "status": "accepted"})

    lines = events(empty_server, "/stream/events?last_event_id=0&model_name=printed", 3)
    sent = [json.loads(line[len("data: ") :]) for line in lines][1:]

    assert len(printed) == 2
    for event, example in zip(sent, printed):
        assert event.keys() == example.keys()
        assert event["event"] == example["event"]
        assert {name: event["data"][name] for name in example["data"]} == example["data"]


def test_every_json_was_looked_at() -> None:
    headings = [block.heading for block in read_blocks("json")]

    assert headings == ["Single Trace Webhook"] * 2 + ["Batch Trace Webhook"] * 2 + ["Webhook Stats", "Metrics Stream"]


def test_the_printed_commands_work(empty_server: ServerProcess) -> None:
    if shutil.which("curl") is None:
        skip_or_fail("curl was not found. Install it (apt-get install curl).")
    commands = block("bash", "Health Checks").text.replace("localhost:8000", empty_server.url.removeprefix("http://"))

    ran = subprocess.run(["bash", "-euc", commands.replace("curl ", "curl -sSf ")], capture_output=True, text=True, timeout=30)

    assert ran.returncode == 0, ran.stderr
    health, stats = json.loads("[" + ran.stdout.replace("}{", "},{") + "]")
    assert health["status"] == "healthy" and "total_traces" in stats


def test_the_printed_settings_are_settings() -> None:
    lines = [line for line in block("bash", "Environment Variables").text.splitlines() if line and not line.startswith("#")]
    compose = block("yaml", "Docker Compose").text
    sources = "".join(
        path.read_text("utf-8") for folder in ("LlmEval.Core", "LlmEval.Web") for path in sorted((ROOT / folder).glob("[!bo]*/**/*.cs"))
    )

    # What they do is tested on PostgreSQL and Redis in LlmEval.Tests; a Docker engine is not to be had in a test.
    for name in [line.split("=")[0] for line in lines] + re.findall(r"- (\w+_URL)=", compose):
        assert f'"{name}"' in sources, name
