"""The Python blocks of the guide, with CPython, in order, in one session."""

from __future__ import annotations

import ast
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any, Iterator

import pytest
from blocks import block, read_blocks
from testkit.provider import Provider, stubs_path
from testkit.repository import ROOT
from testkit.server import ServerProcess

HERE = Path(__file__).parent


class Session:
    def __init__(self, server: ServerProcess, output: str, errors: str) -> None:
        self.server = server
        self.output = output
        self.errors = errors

    @property
    def events(self) -> list[Any]:
        """What the streaming block printed."""
        return [ast.literal_eval(line[len("Received: ") :]) for line in self.output.splitlines() if line.startswith("Received: ")]


@pytest.fixture(scope="module")
def session(provider: Provider) -> Iterator[Session]:
    """Everything is run once, and then looked at."""
    with ServerProcess() as server:
        print((HERE / "preludes" / "prelude.py").read_text("utf-8"))
        address = server.url.removeprefix("http://")
        blocks = [{"line": b.line, "text": b.text.replace("localhost:8000", address)} for b in read_blocks("python")]
        path = os.pathsep.join(filter(None, [str(ROOT / "sdk" / "python"), stubs_path()]))
        ran = subprocess.run(
            [sys.executable, str(HERE / "run_python.py")],
            input=json.dumps(blocks),
            capture_output=True,
            text=True,
            timeout=60,
            env={**os.environ, **provider.environment, "PYTHONPATH": path},
        )
        assert ran.returncode == 0, ran.stderr
        yield Session(server, ran.stdout, ran.stderr)


def test_every_block_runs(session: Session) -> None:
    assert "--- failed" not in session.output, session.errors
    assert session.output.count("--- line") == len(read_blocks("python")) == 9
    assert "--- end" in session.output


def test_basic_usage(session: Session) -> None:
    trace = session.server.trace("my_trace_123")

    assert (trace["tokens_used"], trace["response_time_ms"], trace["cost"], trace["metadata"]) == (25, 850, 0.002, {"temperature": 0.7})
    assert (
        "Trace sent: {'success': True, 'message': 'Trace received and processed successfully', 'trace_ids': ['my_trace_123']}"
        in session.output
    )


def test_the_context_manager_times_the_call(session: Session) -> None:
    (trace,) = [trace for trace in session.server.traces() if trace["user_query"] == "What is quantum computing?"]

    assert trace["ai_response"] == "About: What is quantum computing?"
    assert (trace["tokens_used"], trace["cost"]) == (150, 0.001)
    assert 50 <= trace["response_time_ms"] < 5_000


def test_the_batch_arrives_with_its_source(session: Session) -> None:
    traces = [session.server.trace(trace_id) for trace_id in ("trace_1", "trace_2")]

    assert [(trace["model_name"], trace["user_query"], trace["source"]) for trace in traces] == [
        ("gpt-4", "Query 1", "my_app"),
        ("gpt-3.5-turbo", "Query 2", "my_app"),
    ]


def test_the_stream_shows_what_came_after_it_was_opened(session: Session) -> None:
    names = [event["event"] for event in session.events]
    seen = [event["data"].get("trace_id", "") for event in session.events if event["event"] == "trace_updates"]

    assert names[0] == "connected"
    assert "missing_1" in seen and any(trace_id.startswith("lc_") for trace_id in seen)
    assert "trace_1" not in seen


def test_the_openai_call_is_logged(session: Session) -> None:
    (trace,) = session.server.traces("metadata.finish_reason=stop")

    assert (trace["user_query"], trace["ai_response"]) == ("What is machine learning?", "You asked: What is machine learning?")
    assert trace["metadata"] == {"finish_reason": "stop", "model": "gpt-4"}
    assert trace["tokens_used"] > 0 and trace["cost"] > 0 and trace["response_time_ms"] > 0


def test_the_langchain_handler_logs_with_its_extra_start_time(session: Session) -> None:
    (trace,) = [trace for trace in session.server.traces() if trace["trace_id"].startswith("lc_")]

    assert (trace["user_query"], trace["ai_response"]) == ("What is the capital of France?", "You asked: What is the capital of France?")
    assert trace["response_time_ms"] >= 0
    assert "metadata" not in trace
    assert trace["timestamp"] <= trace["received_at"]


def test_a_trace_may_be_given_by_position(session: Session) -> None:
    assert session.server.trace("missing_1")["ai_response"] == "Here."
    assert "Success: {'success': True" in session.output
    assert "Error:" not in session.output


def test_nothing_else_arrived(session: Session) -> None:
    assert len(session.server.traces()) == 7


def test_the_printed_install_line_names_what_the_package_needs() -> None:
    needed = (ROOT / "sdk" / "python" / "pyproject.toml").read_text("utf-8")

    assert block("bash", "Installation").text == "pip install requests aiohttp\n"
    assert 'dependencies = ["requests>=2.28", "aiohttp>=3.8"]' in needed
