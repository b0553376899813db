"""Node, the packages of the JavaScript tests, and a browser."""

from __future__ import annotations

import io
import os
import shutil
import signal
import subprocess
import tarfile
import tempfile
import threading
import time
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Callable, List, Optional

from .repository import ROOT, skip_or_fail

PACKAGES = ROOT / "sdk" / "javascript" / "test" / "node_modules"
TARBALL = "llm-eval-sdk-1.0.0.tgz"


def require_packages() -> None:
    if shutil.which("node") is None:
        skip_or_fail("node was not found. Install it: https://nodejs.org (apt-get install nodejs npm).")
    if not PACKAGES.is_dir():
        skip_or_fail("The packages of the JavaScript tests are missing: npm ci --prefix sdk/javascript/test")


def node_environment() -> dict[str, str]:
    """Lets programs in any folder find those packages."""
    return {**os.environ, "NODE_PATH": str(PACKAGES)}


def drop_in_file(server_url: str, folder: Path) -> None:
    """The one file, as the product hands it out."""
    (folder / "llm-eval-sdk").write_bytes(_download(server_url, "llm-eval-sdk"))


def drop_in_folder(server_url: str, folder: Path) -> None:
    """The folder for bundlers: npm's tarball, unpacked."""
    with tarfile.open(fileobj=io.BytesIO(_download(server_url, TARBALL))) as tarball:
        tarball.extractall(folder)
    (folder / "package").rename(folder / "llm-eval-sdk")


def _download(server_url: str, name: str) -> bytes:
    with urllib.request.urlopen(f"{server_url}/sdk/{name}", timeout=10) as answer:
        content: bytes = answer.read()
        return content


def bundle(entry: Path, output: Path, platform: str) -> None:
    esbuild = PACKAGES / ".bin" / "esbuild"
    command = [str(esbuild), str(entry), "--bundle", "--format=esm", f"--platform={platform}", f"--outfile={output}", "--log-level=warning"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, env=node_environment())
    assert done.returncode == 0, done.stderr


def end_group(process: subprocess.Popen[Any]) -> None:
    """Ends a program that leads a group of its own, with all that it started: a browser may be a shell that starts one."""
    for ending in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(process.pid, ending)
            process.wait(5)
        except (ProcessLookupError, subprocess.TimeoutExpired):
            continue
    process.wait()


class Listening:
    """A running program and the lines that it has printed."""

    def __init__(self, command: List[str], folder: Path, environment: dict[str, str]) -> None:
        self.lines: List[str] = []
        self._process = subprocess.Popen(
            command,
            cwd=folder,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            # In CI some programs colour what they print even to a pipe.
            env={**environment, "NO_COLOR": "1"},
            # A group of its own: npm and shells start others.
            start_new_session=True,
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self.lines.append(line.rstrip("\n"))

    def wait_for(self, wanted: Callable[[str], Any], patience: float = 20.0) -> str:
        """The first line that is wanted."""
        end = time.monotonic() + patience
        while time.monotonic() < end:
            for line in [*self.lines]:
                if wanted(line):
                    return line
            if self._process.poll() is not None and not self._reader.is_alive():
                break
            time.sleep(0.02)
        raise AssertionError("It was not printed. All there was:\n" + "\n".join(self.lines))

    def __enter__(self) -> Listening:
        return self

    def __exit__(self, *_: object) -> None:
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.close()
        end_group(self._process)
        self._reader.join(5)
        self._process.stdout.close()


def node_program(file: Path) -> Listening:
    return Listening(["node", str(file)], file.parent, node_environment())


def find_chromium() -> str:
    given = os.environ.get("CHROMIUM_PATH")
    names = ["chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "google-chrome-stable"]
    found: Optional[str] = given or next(filter(None, map(shutil.which, names)), None)
    if found is None:
        skip_or_fail("Chromium was not found. Install it (apt-get install chromium), or set CHROMIUM_PATH.")
    return found


class PageInChromium:
    """A page in a browser, which tells what it shows by posting it to /report."""

    def __init__(self) -> None:
        find_chromium()
        self.reports: List[str] = []
        self._script: Optional[Path] = None
        self._process: Optional[subprocess.Popen[bytes]] = None
        page = self

        class Handler(BaseHTTPRequestHandler):
            def log_message(self, *_: Any) -> None:
                pass

            def do_GET(self) -> None:
                is_script = self.path == "/script.js" and page._script is not None
                content = b'<!DOCTYPE html><body><script type="module" src="/script.js"></script>'
                if is_script:
                    assert page._script is not None
                    content = page._script.read_bytes()
                self.send_response(200)
                self.send_header("content-type", "text/javascript" if is_script else "text/html; charset=utf-8")
                self.send_header("content-length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def do_POST(self) -> None:
                page.reports.append(self.rfile.read(int(self.headers["content-length"])).decode())
                self.send_response(204)
                self.end_headers()

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._url = f"http://127.0.0.1:{self._server.server_address[1]}/"
        self._profile = tempfile.mkdtemp(prefix="llmeval-chromium-")

    @property
    def reporter(self) -> str:
        """What a page of another server runs to be seen here."""
        return f"setInterval(() => fetch('{self._url}report', {{ method: 'POST', mode: 'no-cors', body: document.body.innerText }}), 100);\n"

    def open_script(self, script: Path) -> None:
        """A page that has nothing but this script."""
        self._script = script
        self.open(self._url)

    def open(self, url: str) -> None:
        flags = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run", "--disable-background-networking"]
        self._process = subprocess.Popen(
            [find_chromium(), *flags, f"--user-data-dir={self._profile}", "--remote-debugging-port=0", url],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

    def wait_for(self, wanted: Callable[[str], Any], patience: float = 30.0) -> str:
        end = time.monotonic() + patience
        while time.monotonic() < end:
            if self.reports and wanted(self.reports[-1]):
                return self.reports[-1]
            time.sleep(0.05)
        raise AssertionError(f"The page never showed it. It shows: {self.reports[-1:]}")

    def __enter__(self) -> PageInChromium:
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._process is not None:
            end_group(self._process)
        self._server.shutdown()
        self._server.server_close()
        shutil.rmtree(self._profile, ignore_errors=True)
