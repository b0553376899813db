"""Where things are, and what a test does that lacks something."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any, NoReturn

import pytest

ROOT = Path(__file__).resolve().parents[3]
CONTRACT = ROOT / "sdk" / "contract"


def contract(name: str) -> Any:
    return json.loads((CONTRACT / name).read_text("utf-8"))


def skip_or_fail(reason: str) -> NoReturn:
    """A laptop may lack something, visibly; the continuous integration may not."""
    if os.environ.get("CI") in ("true", "1"):
        pytest.fail(reason)
    pytest.skip(reason)
