"""The JavaScript blocks of the guide: in Node with the one file, in a bundle with the folder, React in Chromium."""

from __future__ import annotations

import json
import re
import shutil
import time
import urllib.request
from pathlib import Path
from typing import Any, Callable, Iterator

import pytest
from blocks import Block, block, read_blocks
from testkit import node
from testkit.node import Listening, PageInChromium, node_program
from testkit.server import ServerProcess

HERE = Path(__file__).parent
PRINTED = "localhost:8000"


@pytest.fixture(scope="module", autouse=True)
def needs_packages() -> None:
    node.require_packages()


@pytest.fixture
def own_server() -> Iterator[ServerProcess]:
    with ServerProcess() as server:
        yield server


def text_of(found: Block, server: ServerProcess) -> str:
    return found.text.replace(PRINTED, server.url.removeprefix("http://"))


def is_module(found: Block) -> bool:
    return "require(" not in found.text


def as_module(text: str) -> str:
    """A block whose names are global afterwards."""
    names = re.findall(r"^const (\w+) =", text, re.MULTILINE)
    return f"{text}\nObject.assign(globalThis, {{ {', '.join(names)} }});\n"


def write_session(folder: Path, server: ServerProcess) -> Path:
    """The blocks that are ES modules, and what runs them."""
    for index, found in enumerate(filter(is_module, read_blocks("javascript"))):
        (folder / f"block-{index}.mjs").write_text(as_module(text_of(found, server)), "utf-8")
    shutil.copy(HERE / "preludes" / "prelude.mjs", folder)
    shutil.copy(HERE / "run_node.mjs", folder)
    print((HERE / "preludes" / "prelude.mjs").read_text("utf-8"))
    return folder / "run_node.mjs"


def test_the_session_has_all_blocks_but_one() -> None:
    assert [is_module(found) for found in read_blocks("javascript")] == [True, True, True, False, True]


def in_node(folder: Path, server: ServerProcess) -> Path:
    node.drop_in_file(server.url, folder)
    return write_session(folder, server)


def in_bundle(folder: Path, server: ServerProcess) -> Path:
    node.drop_in_folder(server.url, folder)
    node.bundle(write_session(folder, server), folder / "bundle.mjs", "node")
    return folder / "bundle.mjs"


@pytest.mark.parametrize("prepare", [in_node, in_bundle])
def test_every_block_runs(prepare: Callable[[Path, ServerProcess], Path], own_server: ServerProcess, tmp_path: Path) -> None:
    server = own_server
    with node_program(prepare(tmp_path, server)) as program:
        program.wait_for(lambda line: "--- ready" in line)

        # Basic usage
        assert printed(program, "Trace sent:")[1] == {
            "success": True,
            "message": "Trace received and processed successfully",
            "trace_ids": ["my_trace_123"],
        }
        trace = server.trace("my_trace_123")
        assert (trace["model_name"], trace["tokens_used"], trace["response_time_ms"], trace["cost"]) == ("gpt-4", 25, 850, 0.002)
        assert trace["metadata"] == {"temperature": 0.7}

        # Using TraceLogger
        logged = wait_for_query(server, "Explain quantum computing")
        assert (logged["tokens_used"], logged["cost"]) == (150, 0.001)
        assert 499 <= logged["response_time_ms"] < 5000

        # Real-time streaming, and the filtered stream of the troubleshooting
        assert printed(program, "Received event:")[1]["event"] == "connected"
        assert printed(program, "Metrics update:", '"metrics_update"')[1]["data"]["total_traces"] >= 1
        post(server, trace_id="of-gpt-4", model_name="gpt-4")
        post(server, trace_id="of-another", model_name="o3")
        filtered = program.wait_for(lambda line: line.startswith('[{"event":"trace_updates"') and "of-gpt-4" in line)
        assert json.loads(filtered)[0]["data"]["action"] == "new_trace"

        # onError, set afterwards; and the stream goes on by itself
        server.kill()
        printed(program, "Stream error:")
        server.start()
        post(server, trace_id="after-restart", model_name="gpt-4")
        program.wait_for(lambda line: line.startswith('[{"event":"trace_updates"') and "after-restart" in line)
        assert not any(line.startswith("[{") and "of-another" in line for line in program.lines)


def test_the_express_block_logs_what_the_model_said(own_server: ServerProcess, tmp_path: Path) -> None:
    found = block("javascript", "Express")
    node.drop_in_file(own_server.url, tmp_path)
    parts = [(HERE / "preludes" / "prelude.cjs").read_text("utf-8"), text_of(found, own_server), (HERE / "run_express.cjs").read_text("utf-8")]
    print(parts[0])
    (tmp_path / "app.cjs").write_text("\n".join(parts), "utf-8")

    with node_program(tmp_path / "app.cjs") as program:
        port = program.wait_for(str.isdigit)
        answer = send(f"http://127.0.0.1:{port}/sent", {"track_llm": True, "query": "The capital of France?", "model": "gpt-4"})
        assert answer == {"llm_response": "Paris"}

        trace = wait_for_query(own_server, "The capital of France?")

    assert trace["trace_id"].startswith("express_")
    assert (trace["model_name"], trace["ai_response"]) == ("gpt-4", "Paris")
    assert trace["metadata"] == {"endpoint": "/sent", "method": "POST"}


def test_the_react_block_shows_live_figures_in_a_browser(own_server: ServerProcess, tmp_path: Path) -> None:
    found = block("jsx", "React")
    node.drop_in_folder(own_server.url, tmp_path)
    (tmp_path / "page.jsx").write_text(text_of(found, own_server) + (HERE / "run_react.jsx").read_text("utf-8"), "utf-8")
    node.bundle(tmp_path / "page.jsx", tmp_path / "page.js", "browser")
    post(own_server, trace_id="first", model_name="gpt-4", response_time_ms=1250.5)

    with PageInChromium() as page:
        page.open_script(tmp_path / "page.js")
        page.wait_for(lambda text: re.search(r"Live Metrics\s+Total Traces: 1\s+Acceptance Rate: 0%\s+Avg Response Time: 1250.5ms", text))
        send(f"{own_server.url}/api/evaluations", {"trace_id": "first", "status": "accepted"})
        post(own_server, trace_id="second", model_name="gpt-4")
        page.wait_for(lambda text: re.search(r"Total Traces: 2\s+Acceptance Rate: 100%", text))


def printed(program: Listening, title: str, having: str = "") -> Any:
    return json.loads(program.wait_for(lambda line: line.startswith(f'["{title}"') and having in line))


def post(server: ServerProcess, **fields: Any) -> None:
    send(f"{server.url}/webhook/trace", {"user_query": "q", "ai_response": "a", **fields})


def send(url: str, body: Any) -> Any:
    request = urllib.request.Request(url, json.dumps(body).encode(), {"content-type": "application/json"})
    with urllib.request.urlopen(request, timeout=10) as answer:
        return json.loads(answer.read())


def wait_for_query(server: ServerProcess, query: str) -> Any:
    """The trace with this question, which a queue may still hold."""
    for _ in range(200):
        for trace in server.traces():
            if trace["user_query"] == query:
                return trace
        time.sleep(0.05)
    raise AssertionError(f"No trace asks: {query}")
