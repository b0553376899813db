"""Every snippet of the SDK's guide runs as it is printed, in order, against a real server."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

from testkit.provider import Provider, stubs_path
from testkit.repository import ROOT
from testkit.server import ServerProcess

GUIDE = (ROOT / "docs" / "sdk-python.md").read_text("utf-8")
PACKAGE = str(ROOT / "sdk" / "python")


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", GUIDE, re.MULTILINE | re.DOTALL)


def test_the_python_snippets(provider: Provider) -> None:
    with ServerProcess() as server:
        program = "\n".join(blocks("python")).replace("http://localhost:8000", server.url)
        path = os.pathsep.join(filter(None, [PACKAGE, stubs_path()]))
        ran = subprocess.run(
            [sys.executable, "-c", program],
            env={**os.environ, **provider.environment, "PYTHONPATH": path},
            capture_output=True,
            text=True,
            timeout=60,
        )

        assert ran.returncode == 0, ran.stderr
        assert ran.stderr == ""
        assert ran.stdout.startswith("['order-17-summary']\nstored before with other content\naccepted\norder-17-summary Two books")
        traces = server.traces()
        assert len([trace for trace in traces if trace["trace_id"].startswith("night-")]) == 250
        by_query = {trace["user_query"]: trace for trace in traces}
        assert by_query["Why?"]["ai_response"] == "An answer to Why?"
        assert by_query["What is AI?"]["ai_response"] == "You asked: What is AI?"
        assert by_query["My card is [card]"]["metadata"] == {"app": "shop"}
        nested = [trace for trace in traces if trace["user_query"] == "What is the capital of France?"]
        assert len(nested) == 3 and sum("parent_id" in trace for trace in nested) == 1


def test_the_commands(server: ServerProcess, tmp_path: Path) -> None:
    install, commands = blocks("console")
    shim = tmp_path / "llm-eval"
    shim.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m llm_eval_sdk "$@"\n')
    shim.chmod(0o755)
    environment = {**os.environ, "PYTHONPATH": PACKAGE, "PATH": f"{tmp_path}:{os.environ['PATH']}", "LLM_EVAL_BASE_URL": server.url}

    ran = subprocess.run(["bash", "-euc", commands], env=environment, capture_output=True, text=True, timeout=60)

    assert ran.returncode == 0, ran.stderr
    assert '"success": true' in ran.stdout and '"total_traces"' in ran.stdout and '"event": "connected"' in ran.stdout
    assert install.startswith("pip install http://localhost:8000/sdk/llm_eval_sdk-1.0.0-py3-none-any.whl")
