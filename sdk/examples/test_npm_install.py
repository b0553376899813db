"""Installing the JavaScript SDK from the server, with no registry to be had, as a new user does from an empty folder."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from testkit import node
from testkit.server import ServerProcess

NO_REGISTRY = "http://127.0.0.1:9/"


def test_npm_installs_from_the_server_alone(server: ServerProcess, tmp_path: Path) -> None:
    node.require_packages()
    environment = {**os.environ, "npm_config_registry": NO_REGISTRY, "npm_config_cache": str(tmp_path / "cache"), "npm_config_audit": "false"}
    folder = tmp_path / "app"
    folder.mkdir()
    subprocess.run(["npm", "init", "--yes"], cwd=folder, env=environment, check=True, capture_output=True, timeout=60)
    installed = subprocess.run(
        ["npm", "install", f"{server.url}/sdk/{node.TARBALL}"], cwd=folder, env=environment, capture_output=True, text=True, timeout=60
    )
    assert installed.returncode == 0, installed.stderr

    for name, line in {
        "module.mjs": "import { LLMEvalClient } from 'llm-eval-sdk';",
        "common.cjs": "const { LLMEvalClient } = require('llm-eval-sdk');",
    }.items():
        send = f"new LLMEvalClient().sendTrace({{ traceId: '{name}', modelName: 'm', userQuery: 'q', aiResponse: 'a' }}).then(console.log);"
        (folder / name).write_text(f"{line}\n{send}\n", "utf-8")
        ran = subprocess.run(
            ["node", name], cwd=folder, env={**environment, "LLM_EVAL_BASE_URL": server.url}, capture_output=True, text=True, timeout=30
        )
        assert "success: true" in ran.stdout, ran.stderr


def test_one_file_is_enough(server: ServerProcess, tmp_path: Path) -> None:
    node.require_packages()
    node.drop_in_file(server.url, tmp_path)
    (tmp_path / "a.mjs").write_text("import { LLMEvalClient } from './llm-eval-sdk';\nconsole.log((await new LLMEvalClient().healthCheck()).status);\n", "utf-8")

    ran = subprocess.run(["node", "a.mjs"], cwd=tmp_path, env={**os.environ, "LLM_EVAL_BASE_URL": server.url}, capture_output=True, text=True, timeout=30)

    assert ran.stdout == "healthy\n", ran.stderr
