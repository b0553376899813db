from __future__ import annotations

import ast
import subprocess
import sys
from importlib.util import find_spec

from testkit.repository import ROOT, skip_or_fail


def test_the_package_is_strictly_typed() -> None:
    if find_spec("mypy") is None:
        skip_or_fail("mypy was not found. Install it (apt-get install mypy).")

    checked = subprocess.run([sys.executable, "-m", "mypy", "--strict"], cwd=ROOT / "sdk" / "python", capture_output=True, text=True)

    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_a_program_that_uses_the_package_is_strictly_typed() -> None:
    if find_spec("mypy") is None:
        skip_or_fail("mypy was not found. Install it (apt-get install mypy).")

    command = [sys.executable, "-m", "mypy", "--strict", "tests/usage.py"]
    checked = subprocess.run(command, cwd=ROOT / "sdk" / "python", capture_output=True, text=True)

    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_the_sources_are_python_3_9() -> None:
    for source in sorted((ROOT / "sdk" / "python" / "llm_eval_sdk").glob("*.py")):
        ast.parse(source.read_text("utf-8"), feature_version=(3, 9))
