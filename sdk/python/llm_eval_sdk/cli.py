"""The command llm-eval: send a trace, import files, follow a stream, see the figures."""

from __future__ import annotations

import argparse
import gzip
import json
import os
import sys
import time
import zlib
from pathlib import Path
from typing import IO, Any, Dict, Iterator, List, Optional, Sequence, Tuple

from ._api import VERSION
from .client import LLMEvalClient
from .errors import APIError, LLMEvalError

_LINES = 1_000
_BYTES = 4_000_000
_BROKEN_PIPE = 141
"""What shells show for a command that SIGPIPE ends."""


def main(argv: Optional[Sequence[str]] = None) -> int:
    arguments = _parser().parse_args(argv)
    try:
        with LLMEvalClient(arguments.url, arguments.key) as client:
            code: int = arguments.run(client, arguments)
            return code
    except APIError as error:
        print(f"llm-eval: {error}", file=sys.stderr)
        for fault in error.errors:
            print(f"  {fault}", file=sys.stderr)
        return 1
    except BrokenPipeError:
        # Whoever reads has enough, as head has. What is still to be written at the end of the process would complain.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return _BROKEN_PIPE
    except (LLMEvalError, OSError, ValueError) as error:
        print(f"llm-eval: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="llm-eval", description="Talks to an LlmEval server.")
    parser.add_argument("--url", help="address of the server (LLM_EVAL_BASE_URL, else http://localhost:8000)")
    parser.add_argument("--key", help="API key; better in LLM_EVAL_API_KEY, where other users of this machine cannot see it")
    parser.add_argument("--version", action="version", version=f"llm-eval {VERSION}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")

    send = commands.add_parser("send", help="send one trace")
    send.add_argument("file", nargs="?", help="a file with the trace as JSON; - reads standard input")
    send.add_argument("--model", dest="model_name")
    send.add_argument("--query", dest="user_query")
    send.add_argument("--response", dest="ai_response")
    send.add_argument("--id", dest="trace_id")
    send.add_argument("--metadata", type=_json_argument, help="JSON, as in '{\"temperature\": 0.7}'")
    send.set_defaults(run=_send)

    load = commands.add_parser("import", help="import files of any size: JSON Lines (.jsonl, .jsonl.gz) or a JSON array (.json)")
    load.add_argument("files", nargs="+", metavar="FILE")
    load.add_argument("--quiet", action="store_true", help="no progress bar")
    load.set_defaults(run=_import)

    tail = commands.add_parser("tail", help="follow the events as JSON Lines")
    tail.add_argument("--model", dest="model_name", action="append")
    tail.add_argument("--status", dest="evaluation_status", action="append")
    tail.add_argument("--after", dest="last_event_id", help="begin after the event with this id")
    tail.add_argument("-n", "--count", type=_count, help="end after so many events")
    tail.set_defaults(run=_tail)

    stats = commands.add_parser("stats", help="the headline figures")
    stats.set_defaults(run=_stats)
    return parser


def _json_argument(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"is not JSON: {error}") from None


def _count(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"must be a number from 1; this is {text}")
    return int(text)


def _read_json(content: bytes, name: str) -> Any:
    try:
        return json.loads(content)
    except ValueError as error:
        raise ValueError(f"{name} is not JSON: {error}") from None


def _send(client: LLMEvalClient, arguments: argparse.Namespace) -> int:
    trace: Dict[str, Any] = {}
    if arguments.file:
        trace = _read_json(sys.stdin.buffer.read() if arguments.file == "-" else Path(arguments.file).read_bytes(), arguments.file)
        if not isinstance(trace, dict):
            raise ValueError("A trace is a JSON object; llm-eval import takes many")
    named = ("model_name", "user_query", "ai_response", "trace_id", "metadata")
    fields = {name: getattr(arguments, name) for name in named if getattr(arguments, name) is not None}
    _print(client.send_trace({**trace, **fields}))
    return 0


def _tail(client: LLMEvalClient, arguments: argparse.Namespace) -> int:
    filters = {name: getattr(arguments, name) for name in ("model_name", "evaluation_status", "last_event_id")}
    for number, event in enumerate(client.stream_events(**filters, on_error=_complain), start=1):
        _print(event, indent=None)
        if arguments.count is not None and number >= arguments.count:
            break
    return 0


def _stats(client: LLMEvalClient, arguments: argparse.Namespace) -> int:
    _print(client.get_stats())
    return 0


def _import(client: LLMEvalClient, arguments: argparse.Namespace) -> int:
    failed = 0
    for name in arguments.files:
        failed += _import_file(client, Path(name), arguments.quiet)
    return 1 if failed else 0


def _import_file(client: LLMEvalClient, path: Path, quiet: bool) -> int:
    counts = {"imported": 0, "already_there": 0, "failed": 0}
    bar = _Bar(path.name, path.stat().st_size, quiet)
    try:
        for first_line, lines, position in _chunks(path):
            answer = client.import_lines(lines)
            for count in counts:
                counts[count] += answer[count]
            for error in answer["errors"]:
                bar.say(f"{path}:{first_line + error['line'] - 1}: {error['message']}")
            bar.show(position, counts)
    except BaseException:
        bar.end()
        if any(counts.values()):
            print(f"{path}: {_told(counts)} before it broke off; import it again, what is there is not stored twice", file=sys.stderr)
        raise
    bar.end()
    print(f"{path}: {_told(counts)}")
    return counts["failed"]


def _told(counts: Dict[str, int]) -> str:
    return f"{counts['imported']} imported, {counts['already_there']} already there, {counts['failed']} failed"


def _unpacked(path: Path, lines: Iterator[bytes]) -> Iterator[bytes]:
    try:
        yield from lines
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise ValueError(f"{path} cannot be unpacked: {error}") from None


def _chunks(path: Path) -> Iterator[Tuple[int, bytes, int]]:
    """Lines to send at once, the number of the first, and how far into the file they reach."""
    chunk: List[bytes] = []
    size, first = 0, 1
    number = 0
    with path.open("rb") as raw:
        for number, line in enumerate(_unpacked(path, _lines(path, raw)), start=1):
            if chunk and (len(chunk) >= _LINES or size + len(line) > _BYTES):
                yield first, b"".join(chunk), raw.tell()
                chunk, size, first = [], 0, number
            chunk.append(line)
            size += len(line)
        if chunk:
            yield first, b"".join(chunk), raw.tell()


def _lines(path: Path, raw: IO[bytes]) -> Iterator[bytes]:
    packed = path.suffix == ".gz"
    source: IO[bytes] = gzip.open(raw) if packed else raw  # type: ignore[assignment]
    if path.with_suffix("").suffix == ".json" if packed else path.suffix == ".json":
        # An element for a line: errors name the element.
        content = _read_json(source.read(), str(path))
        for element in content if isinstance(content, list) else [content]:
            yield json.dumps(element).encode() + b"\n"
        return
    for line in source:
        yield line if line.endswith(b"\n") else line + b"\n"


class _Bar:
    """A progress bar on standard error, where there is somebody to see it."""

    def __init__(self, name: str, total: int, quiet: bool) -> None:
        self._name = name
        self._total = max(1, total)
        self._shown = not quiet and sys.stderr.isatty()
        self._began = time.monotonic()

    def show(self, position: int, counts: Dict[str, int]) -> None:
        if self._shown:
            part = min(1.0, position / self._total)
            done = sum(counts.values())
            rate = done / max(0.001, time.monotonic() - self._began)
            bar = "█" * int(part * 30)
            print(f"\r\033[K{self._name} {bar:░<30} {part:4.0%} {done:,} traces, {rate:,.0f}/s", end="", file=sys.stderr, flush=True)

    def say(self, line: str) -> None:
        print(f"\r\033[K{line}" if self._shown else line, file=sys.stderr)

    def end(self) -> None:
        if self._shown:
            print(file=sys.stderr)


def _complain(error: Exception) -> None:
    print(f"llm-eval: the stream was interrupted and goes on: {error}", file=sys.stderr)


def _print(value: Any, indent: Optional[int] = 2) -> None:
    print(json.dumps(value, indent=indent, ensure_ascii=False), flush=True)


if __name__ == "__main__":
    sys.exit(main())
