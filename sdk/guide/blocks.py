"""The code blocks of the guide."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

GUIDE = Path(__file__).with_name("real-time-pipeline-guide.md")

RUN_BY = {
    "json": "test_guide_http.py",
    "bash": "test_guide_http.py",
    "python": "test_guide_python.py",
    "javascript": "test_guide_javascript.py",
    "jsx": "test_guide_javascript.py",
    "yaml": "test_guide_http.py",
    "": "test_guide_http.py",
}
"""Which test runs the blocks of a language."""


@dataclass(frozen=True)
class Block:
    line: int
    language: str
    heading: str
    """The title that it stands under."""
    text: str


def read_blocks(*languages: str) -> list[Block]:
    """The blocks of these languages in the order of the guide; all, where none is named."""
    text = GUIDE.read_text("utf-8")
    headings = [(match.start(), match.group(1)) for match in re.finditer(r"^#+ (.+)$", text, re.MULTILINE)]
    blocks = []
    for match in re.finditer(r"^```(\w*)\n(.*?)^```", text, re.MULTILINE | re.DOTALL):
        heading = [title for start, title in headings if start < match.start()][-1]
        blocks.append(Block(text[: match.start()].count("\n") + 1, match.group(1), heading, match.group(2)))
    return [block for block in blocks if not languages or block.language in languages]


def block(language: str, heading: str, number: int = 0) -> Block:
    """A block by the title it stands under."""
    return [block for block in read_blocks(language) if heading in block.heading][number]
