"""The Python examples, each by its one command."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from llm_eval_sdk import LLMEvalClient
from testkit.provider import Provider, stubs_path
from testkit.repository import ROOT
from testkit.server import ServerProcess

EXAMPLES = ROOT / "examples" / "python"
SHOWN = {
    "plain.py": "healthy\naccepted - Paris.\nrefused: cost: must be at least 0\n",
    "asyncio_stream.py": "Processed 3 of 3 traces\n",
    "openai_chat.py": "You asked: The tool says: It is sunny in Paris.\n",
    "langchain_model.py": "You asked: What is the capital of France?\n",
}
WAITING = "wait_for_decision.py"
STORED = {"plain.py": 2, "asyncio_stream.py": 0, "openai_chat.py": 4, "langchain_model.py": 1}


@pytest.mark.parametrize("name", SHOWN)
def test_an_example_runs(name: str, server: ServerProcess, provider: Provider) -> None:
    path = os.pathsep.join(filter(None, [str(ROOT / "sdk" / "python"), stubs_path()]))
    environment = {**os.environ, **provider.environment, "PYTHONPATH": path, "LLM_EVAL_BASE_URL": server.url}

    ran = subprocess.run([sys.executable, name], cwd=EXAMPLES, env=environment, capture_output=True, text=True, timeout=60)

    assert (ran.returncode, ran.stderr) == (0, "")
    assert SHOWN[name] in ran.stdout
    assert len(server.traces(f"limit=100&metadata.example={name.removesuffix('.py')}")) == STORED[name]


def test_the_example_that_waits_goes_on_with_the_decision() -> None:
    with ServerProcess(LlmEval__Outbound__AllowedHosts__0="127.0.0.1") as server:
        environment = {**os.environ, "PYTHONPATH": str(ROOT / "sdk" / "python"), "LLM_EVAL_BASE_URL": server.url}
        command = [sys.executable, WAITING]
        with subprocess.Popen(command, cwd=EXAMPLES, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as program:
            try:
                assert program.stdout is not None
                asked = program.stdout.readline()
                trace_id = asked.strip().split("trace_id=")[1]
                with LLMEvalClient(server.url) as client:
                    client.evaluate_trace(trace_id, "rejected", evaluator="Ann")
                output, errors = program.communicate(timeout=30)
            finally:
                program.kill()

        assert (program.returncode, errors) == (0, "")
        assert output == "rejected by Ann: not refunded\n"
        assert server.get("/api/subscriptions")["items"] == []


def test_every_example_is_run() -> None:
    assert {path.name for path in EXAMPLES.glob("*.py")} == {WAITING, *SHOWN} == {WAITING, *STORED}
