"""The OpenAI-compatible server of the examples, as a process."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Optional

from .repository import ROOT, skip_or_fail

STUBS = Path(__file__).resolve().parents[1] / "stubs"


def stubs_path() -> Optional[str]:
    """Where openai and langchain are found; None where the real ones are wanted."""
    return None if os.environ.get("LLMEVAL_REAL_OPENAI") else str(STUBS)


def use_stubs() -> None:
    path = stubs_path()
    if path and path not in sys.path:
        sys.path.insert(0, path)


class Provider:
    def __enter__(self) -> Provider:
        if shutil.which("node") is None:
            skip_or_fail("node was not found. Install it: https://nodejs.org (apt-get install nodejs).")
        command = ["node", str(ROOT / "examples" / "provider" / "server.mjs"), "--port", "0"]
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert self._process.stdout is not None
        self.url = self._process.stdout.readline().split()[-1]
        return self

    @property
    def environment(self) -> dict[str, str]:
        """For a program that asks it."""
        return {"OPENAI_BASE_URL": self.url, "OPENAI_API_KEY": "any"}

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.communicate()
