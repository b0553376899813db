"""JSON of whatever an application hands over: it may lose precision, never raise."""

from __future__ import annotations

import dataclasses
import json
import math
import time
from collections.abc import Mapping
from datetime import date, datetime, timezone
from decimal import Decimal
from typing import Any, Optional, Set

MAX_DEPTH = 48
"""The server refuses what is nested deeper than 64."""


def rfc3339(moment: datetime) -> str:
    """A time with Z at its end; one without a zone is taken as UTC."""
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=timezone.utc)
    if moment.tzinfo is not timezone.utc:
        moment = moment.astimezone(timezone.utc)
    return moment.isoformat(timespec="microseconds")[:-6] + "Z"


def utc_text() -> str:
    """The time now, as rfc3339 writes it, in half the time: the text of a second is kept while it lasts."""
    global _second
    second, rest = divmod(time.time_ns(), 1_000_000_000)
    written = _second
    if written[0] != second:
        written = _second = (second, time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(second)))
    return f"{written[1]}.{rest // 1_000:06d}Z"


_second = (0, "")


def plain(value: Any) -> Any:
    """One step towards JSON for an object that is none of its types."""
    if isinstance(value, datetime):
        return rfc3339(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, (set, frozenset, tuple)):
        return list(value)
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, (bytes, bytearray)):
        return bytes(value).decode("utf-8", "replace")
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
    dump = getattr(value, "model_dump", None)
    if callable(dump):
        return dump()
    return str(value)


_encoder = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":"), default=plain)
_ascii_encoder = json.JSONEncoder(ensure_ascii=True, allow_nan=False, separators=(",", ":"))


def encode(value: Any) -> bytes:
    """Compact JSON in UTF-8. What JSON does not know becomes text, what is no number null, what goes in circles is cut."""
    try:
        return _encoder.encode(value).encode()
    except Exception:
        # Lone surrogates are escaped: the server knows what to do about them.
        return _ascii_encoder.encode(_tame(value, 0, None)).encode("ascii")


def _tame(value: Any, depth: int, above: Optional[Set[int]]) -> Any:
    if value is None or isinstance(value, (bool, str)):
        return value if value is None or isinstance(value, bool) else str(value)
    if isinstance(value, int):
        return int(value)
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else None
    above = above or set()
    if depth >= MAX_DEPTH or id(value) in above:
        return "…"
    inner = above | {id(value)}
    if isinstance(value, Mapping):
        return {str(key): _tame(item, depth + 1, inner) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_tame(item, depth + 1, inner) for item in value]
    try:
        return _tame(plain(value), depth + 1, inner)
    except Exception:
        return f"<{type(value).__name__}>"
