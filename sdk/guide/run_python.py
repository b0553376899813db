"""Runs the blocks on its standard input in one namespace, after the prelude."""

from __future__ import annotations

import io
import json
import sys
import threading
import time
import traceback
from pathlib import Path
from typing import Any

ENDLESS = "asyncio.run(stream_updates())"
"""A block with this line never ends: it runs on beside the others."""


class Watched(io.TextIOBase):
    """Standard output that keeps the lines of two threads apart, and notices when the endless block begins to speak."""

    def __init__(self) -> None:
        self.speaks = threading.Event()
        self._line = threading.local()

    def write(self, text: str) -> int:
        line = getattr(self._line, "begun", "") + text
        self._line.begun = "" if line.endswith("\n") else line
        if line.endswith("\n"):
            sys.__stdout__.write(line)
            if line.startswith("Received: "):
                self.speaks.set()
        return len(text)

    def flush(self) -> None:
        sys.__stdout__.flush()


def main() -> None:
    sys.stdout = watched = Watched()
    namespace: dict[str, Any] = {"__name__": "guide"}
    prelude = Path(__file__).with_name("preludes") / "prelude.py"
    exec(compile(prelude.read_text("utf-8"), str(prelude), "exec"), namespace)
    for block in json.load(sys.stdin):
        print(f"--- line {block['line']}", flush=True)
        code = compile("\n" * block["line"] + block["text"], "guide", "exec")
        if ENDLESS in block["text"]:
            threading.Thread(target=run, args=(code, namespace), daemon=True).start()
            watched.speaks.wait(20)
        else:
            run(code, namespace)
    print("--- end", flush=True)
    time.sleep(1.0)


def run(code: Any, namespace: dict[str, Any]) -> None:
    try:
        exec(code, namespace)
    except BaseException:
        traceback.print_exc()
        sys.stderr.flush()
        print("--- failed", flush=True)


main()
