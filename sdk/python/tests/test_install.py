"""The package as the product hands it out: fetched from a running server, installed in an empty folder, used."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import urllib.request
from pathlib import Path
from typing import Optional

from testkit.server import ServerProcess

WHEEL = "llm_eval_sdk-1.0.0-py3-none-any.whl"
PROGRAM = """
from llm_eval_sdk import LLMEvalClient, calculate_cost
with LLMEvalClient() as client:
    client.send_trace(trace_id="installed", model_name="gpt-4", user_query="q", ai_response="a", cost=calculate_cost({"prompt_tokens": 1000}, "gpt-4"))
"""


def find_pip() -> Optional[str]:
    for python in (sys.executable, shutil.which("python3")):
        if python and subprocess.run([python, "-m", "pip", "--version"], capture_output=True).returncode == 0:
            return python
    return None


def test_the_wheel_of_a_running_server_works(server: ServerProcess, tmp_path: Path) -> None:
    pip = find_pip()
    if pip is None:
        # A wheel is an archive that can be imported as it is.
        with urllib.request.urlopen(f"{server.url}/sdk/{WHEEL}") as answer:
            (tmp_path / WHEEL).write_bytes(answer.read())
        path = tmp_path / WHEEL
    else:
        path = tmp_path / "installed"
        command = [pip, "-m", "pip", "install", "-q", "--no-index", "--no-deps", "--target", str(path), f"{server.url}/sdk/{WHEEL}"]
        installed = subprocess.run(command, capture_output=True, text=True, timeout=60)
        assert installed.returncode == 0, installed.stderr
        assert (path / "bin" / "llm-eval").exists() and (path / "llm_eval_sdk" / "py.typed").exists()
    environment = {**os.environ, "PYTHONPATH": str(path), "LLM_EVAL_BASE_URL": server.url}

    ran = subprocess.run([sys.executable, "-c", PROGRAM], cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=30)
    stats = subprocess.run(
        [sys.executable, "-m", "llm_eval_sdk", "stats"], cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=30
    )

    assert (ran.returncode, ran.stderr) == (0, "")
    assert server.trace("installed")["cost"] == 0.03
    assert '"total_traces"' in stats.stdout
