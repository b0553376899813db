"""The Python examples, each by its one command."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
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
STORED = {"plain.py": 2, "asyncio_stream.py": 0, "openai_chat.py": 4, "langchain_model.py": 1}


@pytest.mark.parametrize("name", SHOWN)
def test_an_example_runs(name: str, server: ServerProcess, provider: Provider) -> None:
    path = os.pathsep.join(filter(None, [str(ROOT / "sdk" / "python"), stubs_path()]))
    environment = {**os.environ, **provider.environment, "PYTHONPATH": path, "LLM_EVAL_BASE_URL": server.url}

    ran = subprocess.run([sys.executable, name], cwd=EXAMPLES, env=environment, capture_output=True, text=True, timeout=60)

    assert (ran.returncode, ran.stderr) == (0, "")
    assert SHOWN[name] in ran.stdout
    assert len(server.traces(f"limit=100&metadata.example={name.removesuffix('.py')}")) == STORED[name]


def test_every_example_is_run() -> None:
    assert {path.name for path in EXAMPLES.glob("*.py")} == SHOWN.keys() == STORED.keys()
