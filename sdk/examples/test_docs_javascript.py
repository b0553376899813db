"""The JavaScript of the documents: the blocks of a page run in order, as one session, against a real server."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path
from typing import Iterator

import pytest
from testkit import node
from testkit.provider import Provider
from testkit.repository import ROOT
from testkit.server import ServerProcess

PAGES = ["docs/sdk-javascript.md", "docs/integrations.md", "sdk/javascript/README.md"]


def blocks(page: str, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", (ROOT / page).read_text("utf-8"), re.MULTILINE | re.DOTALL)


def as_module(text: str) -> str:
    """A block whose names are global afterwards, for those that follow."""
    names = re.findall(r"^const (\w+) =", text, re.MULTILINE)
    for imported in re.findall(r"^import \{ (.+) \} from", text, re.MULTILINE):
        names += imported.split(", ")
    names += re.findall(r"^import (\w+) from", text, re.MULTILINE)
    return f"{text}\nObject.assign(globalThis, {{ {', '.join(names)} }});\n"


@pytest.fixture
def folder() -> Iterator[Path]:
    """Where the packages of the JavaScript tests are found."""
    node.require_packages()
    place = node.PACKAGES / ".docs"
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir()
    yield place
    shutil.rmtree(place, ignore_errors=True)


@pytest.mark.parametrize("page", PAGES)
def test_every_block_runs(page: str, folder: Path, server: ServerProcess, provider: Provider) -> None:
    found = blocks(page, "js")
    assert found
    names = []
    for index, text in enumerate(found):
        name = f"block-{index}.mjs"
        (folder / name).write_text(as_module(text.replace("http://localhost:8000", server.url)), "utf-8")
        names.append(f"await import('./{name}');")
    (folder / "session.mjs").write_text("\n".join(names), "utf-8")

    environment = {**node.node_environment(), **provider.environment}
    ran = subprocess.run(["node", "session.mjs"], cwd=folder, env=environment, capture_output=True, text=True, timeout=60)

    assert ran.returncode == 0, ran.stdout + ran.stderr


def test_the_component_of_the_integrations_can_be_bundled(folder: Path) -> None:
    [component] = blocks("docs/integrations.md", "jsx")
    (folder / "live.jsx").write_text(component, "utf-8")

    node.bundle(folder / "live.jsx", folder / "live.js", "browser")


def test_what_the_pages_log_arrives(folder: Path, server: ServerProcess, provider: Provider) -> None:
    for page in PAGES[:2]:
        test_every_block_runs(page, folder, server, provider)

    traces = server.traces()
    masked = next(trace for trace in traces if trace["user_query"].startswith("Pay with"))
    summarise = next(trace for trace in traces if trace["model_name"] == "summarise")
    found = next(trace for trace in traces if trace["model_name"] == "find_order")
    assert masked["user_query"] == "Pay with [card]"
    assert found["parent_id"] == summarise["trace_id"]
    assert {"What is AI?", "Count to three", "What is the capital of France?"} <= {trace["user_query"] for trace in traces}
