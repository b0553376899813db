"""The server as its users run it: a process with a database of its own."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any, Optional

from .repository import ROOT, skip_or_fail

_PATIENCE = 60.0


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class ServerProcess:
    """Can be killed and started again at the same address with the same data."""

    def __init__(self, **settings: str) -> None:
        self._settings = settings
        self._folder = Path(tempfile.mkdtemp(prefix="llmeval-sdk-"))
        self._process: Optional[subprocess.Popen[bytes]] = None
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"

    def start(self) -> ServerProcess:
        dll = find_server()
        environment = {name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "REDIS_URL", "WEBHOOK_SECRET")}
        environment["LlmEval__DataFolder"] = str(self._folder / "data")
        environment.update(self._settings)
        log = (self._folder / "log").open("ab")
        self._process = subprocess.Popen(
            ["dotnet", str(dll), "--urls", self.url], cwd=self._folder, env=environment, stdout=log, stderr=log, stdin=subprocess.DEVNULL
        )
        log.close()
        end = time.monotonic() + _PATIENCE
        while self._process.poll() is None and time.monotonic() < end:
            try:
                with urllib.request.urlopen(f"{self.url}/health/ready", timeout=5):
                    return self
            except OSError:
                time.sleep(0.05)
        output = (self._folder / "log").read_text("utf-8", "replace")
        self.dispose()
        raise AssertionError(f"The server did not become ready. Its output:\n{output}")

    def kill(self) -> None:
        """Ends the process at once, as a crash would."""
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.wait()

    def dispose(self) -> None:
        self.kill()
        shutil.rmtree(self._folder, ignore_errors=True)

    def get(self, path: str) -> Any:
        with urllib.request.urlopen(self.url + path, timeout=10) as answer:
            return json.loads(answer.read())

    def trace(self, trace_id: str, patience: float = 5.0) -> Any:
        """A stored trace, waited for."""
        end = time.monotonic() + patience
        while True:
            try:
                return self.get(f"/api/traces/{urllib.request.quote(trace_id, safe='')}")  # type: ignore[attr-defined]
            except urllib.error.HTTPError as error:
                if error.code != 404 or time.monotonic() > end:
                    raise
            time.sleep(0.05)

    def traces(self, query: str = "limit=1000") -> list[Any]:
        items: list[Any] = self.get(f"/api/traces?{query}")["items"]
        return items

    def __enter__(self) -> ServerProcess:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.dispose()


def find_server() -> Path:
    """LLMEVAL_SERVER, else the newest build."""
    given = os.environ.get("LLMEVAL_SERVER")
    if given:
        return Path(given).resolve()
    builds = sorted(ROOT.glob("LlmEval.Web/bin/*/net*/LlmEval.Web.dll"), key=lambda dll: dll.stat().st_mtime)
    if not builds or shutil.which("dotnet") is None:
        skip_or_fail("There is no built server: dotnet build LlmEval.Web, or set LLMEVAL_SERVER to its dll.")
    return builds[-1]
