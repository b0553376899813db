"""The command llm-eval, against a real server."""

from __future__ import annotations

import gzip
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any, Callable, List, Tuple

import pytest
from llm_eval_sdk.cli import _Bar, main
from support import a_trace
from testkit.repository import ROOT
from testkit.server import ServerProcess

Run = Callable[..., Tuple[int, str, str]]


@pytest.fixture
def run(server: ServerProcess, capsys: pytest.CaptureFixture[str]) -> Run:
    def call(*arguments: str) -> Tuple[int, str, str]:
        code = main(["--url", server.url, *arguments])
        return (code, *capsys.readouterr())

    return call


def test_send_by_options(run: Run, server: ServerProcess) -> None:
    code, out, _ = run("send", "--id", "cli-1", "--model", "gpt-4", "--query", "q", "--response", "a", "--metadata", '{"x": 1}')

    assert code == 0 and json.loads(out)["trace_ids"] == ["cli-1"]
    assert server.trace("cli-1")["metadata"] == {"x": 1}


def test_send_a_file(run: Run, tmp_path: Path, server: ServerProcess) -> None:
    file = tmp_path / "trace.json"
    file.write_text(json.dumps(a_trace("cli-file")), "utf-8")

    assert run("send", str(file), "--model", "other")[0] == 0
    assert server.trace("cli-file")["model_name"] == "other"


def test_what_is_refused_is_explained(run: Run) -> None:
    code, out, err = run("send", "--model", "gpt-4")

    assert code == 1 and out == ""
    assert "user_query: is required" in err


def test_import_tells_every_line_that_fails(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("llm_eval_sdk.cli._LINES", 100)
    lines = [json.dumps(a_trace(f"import-{i}")) for i in range(250)]
    lines[149] = "{broken"
    lines[200] = json.dumps(a_trace("import-200", cost=-1))
    file = tmp_path / "traces.jsonl"
    file.write_text("\n".join(lines), "utf-8")

    code, out, err = run("import", str(file))
    again = run("import", str(file))

    assert code == 1 and out == f"{file}: 248 imported, 0 already there, 2 failed\n"
    assert f"{file}:150: " in err and f"{file}:201: cost: must be at least 0" in err
    assert again[1] == f"{file}: 0 imported, 248 already there, 2 failed\n"


def test_import_packed_lines_and_arrays(run: Run, tmp_path: Path) -> None:
    packed, array = tmp_path / "a.jsonl.gz", tmp_path / "b.json"
    packed.write_bytes(gzip.compress("".join(json.dumps(a_trace(f"packed-{i}")) + "\n" for i in range(3)).encode()))
    array.write_text(json.dumps([a_trace("array-1"), a_trace("array-2")], indent=2), "utf-8")

    code, out, _ = run("import", str(packed), str(array))

    assert code == 0
    assert out == f"{packed}: 3 imported, 0 already there, 0 failed\n{array}: 2 imported, 0 already there, 0 failed\n"


def test_the_progress_bar_shows_how_far_it_is(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    bar = _Bar("traces.jsonl", 200, quiet=False)
    bar.show(100, {"imported": 1_500, "failed": 1})

    assert "traces.jsonl ███████████████░░░░░░░░░░░░░░░  50% 1,501 traces" in capsys.readouterr().err


def test_a_file_that_cannot_be_read_is_named(run: Run, tmp_path: Path) -> None:
    (tmp_path / "half.json").write_text('{"a": 1', "utf-8")
    (tmp_path / "half.jsonl.gz").write_bytes(gzip.compress(b"{}\n" * 1_000)[:-9])
    (tmp_path / "other.jsonl.gz").write_text("no", "utf-8")

    for command, name, said in (
        ("send", "half.json", "is not JSON"),
        ("import", "half.json", "is not JSON"),
        ("import", "half.jsonl.gz", "cannot be unpacked"),
        ("import", "other.jsonl.gz", "cannot be unpacked"),
    ):
        code, _, err = run(command, str(tmp_path / name))
        assert code == 1 and err.startswith(f"llm-eval: {tmp_path / name} {said}: "), err


def test_an_import_that_breaks_off_says_how_far_it_came(run: Run, tmp_path: Path) -> None:
    cut = tmp_path / "cut.jsonl.gz"
    cut.write_bytes(gzip.compress("".join(json.dumps(a_trace(f"cut-{i}")) + "\n" for i in range(2_500)).encode())[:-9])

    code, out, err = run("import", str(cut))

    assert code == 1 and out == ""
    assert err.startswith(f"{cut}: 2000 imported, 0 already there, 0 failed before it broke off; import it again"), err
    assert f"llm-eval: {cut} cannot be unpacked: " in err


@pytest.mark.parametrize("arguments, said", [(["send", "--metadata", "x"], "--metadata: is not JSON"), (["tail", "-n", "0"], "must be a number from 1")])
def test_an_argument_that_is_wrong_is_explained(arguments: List[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(arguments)
    assert said in capsys.readouterr().err


def test_a_reader_that_has_enough_is_no_fault(server: ServerProcess) -> None:
    program = [sys.executable, "-m", "llm_eval_sdk", "--url", server.url, "tail", "--after", "0"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "sdk" / "python")}
    with subprocess.Popen(program, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as tail:
        assert tail.stdout is not None and tail.stderr is not None
        assert "connected" in tail.stdout.readline()
        tail.stdout.close()
        main(["--url", server.url, "send", "--model", "m", "--query", "q", "--response", "a"])
        assert (tail.stderr.read(), tail.wait(10)) == ("", 141)


def test_tail_prints_events_as_lines(run: Run) -> None:
    run("send", "--id", "tailed", "--model", "tail", "--query", "q", "--response", "a")
    code, out, _ = run("tail", "--after", "0", "--model", "tail", "-n", "2")
    events: Any = [json.loads(line) for line in out.splitlines()]

    assert code == 0
    assert [event["event"] for event in events] == ["connected", "trace_updates"]
    assert events[1]["data"]["trace_id"] == "tailed"


def test_stats(run: Run) -> None:
    assert json.loads(run("stats")[1])["total_traces"] >= 0


def test_a_server_that_is_not_there(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--url", "http://127.0.0.1:9", "stats"]) == 1
    assert "could not be reached" in capsys.readouterr().err
    assert main(["--url", "nonsense", "stats"]) == 1
    assert main(["import", "no-such-file.jsonl"]) == 1
