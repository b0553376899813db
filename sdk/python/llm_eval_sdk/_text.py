"""Text of whatever an application passes around, for people to read."""

from __future__ import annotations

import json
from typing import Any, Dict

from ._json import encode

MAX_CHARACTERS = 200_000
"""The server takes 1 MiB of UTF-8 for a text."""


def text_of(value: Any) -> str:
    if value is None:
        return ""
    if not isinstance(value, str):
        text = encode(value).decode()
        value = json.loads(text) if text.startswith('"') else text
    return cut_text(value)


def cut_text(text: str) -> str:
    return text if len(text) <= MAX_CHARACTERS else text[:MAX_CHARACTERS] + "… (cut)"


def error_fields(error: BaseException) -> Dict[str, str]:
    return {"type": type(error).__name__, "message": str(error)[:2_000]}
