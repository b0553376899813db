"""Text of whatever an application passes around, for people to read."""

from __future__ import annotations

import json
from collections.abc import Mapping
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
    try:
        message = str(error)
    except Exception as fault:
        message = f"<{type(fault).__name__}>"
    return {"type": type(error).__name__, "message": message[:2_000]}


def message_text(content: Any) -> str:
    """The text of a message, whose content may be a text or a list of parts."""
    if not isinstance(content, (list, tuple)):
        return text_of(content)
    return cut_text("\n".join(part if isinstance(part, str) else member(part, "text") or f"[{member(part, 'type')}]" for part in content))


def member(holder: Any, name: str) -> Any:
    """A member of an answer, which may be a dict or an object; None where there is none."""
    return holder.get(name) if isinstance(holder, Mapping) else getattr(holder, name, None)
