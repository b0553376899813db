"""Many traces in few requests: how they are cut, and how the answers become one."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any, Dict, Iterator, List, Mapping, Optional, Sequence, Tuple

from ._json import encode
from .errors import APIError, BadRequestError, PayloadTooLargeError

MAX_TRACES = 100
"""The server's limit for one batch."""

ONE_OF_THEM = (PayloadTooLargeError, BadRequestError)
"""What may be the fault of one trace of a batch: they are too large, or one of them makes it malformed. Halves are tried then."""

MOST_MALFORMED = 20
"""So many refusals as malformed in a row are hardly the fault of a few traces: what is left is tried as it is, and no longer in halves."""

_INDEX = re.compile(r"^traces\[(\d+)\]")


@dataclass(frozen=True)
class Item:
    """A trace ready to be sent."""

    trace_id: str
    json: bytes = field(repr=False)


def cut(items: Sequence[Item], max_bytes: int) -> Iterator[Tuple[int, Sequence[Item]]]:
    """Parts that a request can hold, each with the index of its first trace."""
    start = size = 0
    for index, item in enumerate(items):
        if index > start and (index - start >= MAX_TRACES or size + len(item.json) > max_bytes):
            yield start, items[start:index]
            start, size = index, 0
        size += len(item.json) + 1
    if start < len(items):
        yield start, items[start:]


def body_of(items: Sequence[Item], source: str, batch_id: Optional[str]) -> bytes:
    tail = b"" if batch_id is None else b',"batch_id":' + encode(batch_id)
    return b'{"traces":[' + b",".join(item.json for item in items) + b'],"source":' + encode(source) + tail + b"}"


def failed_indexes(errors: Sequence[str]) -> List[int]:
    """Which traces of a batch the errors are about."""
    return sorted({int(match.group(1)) for match in map(_INDEX.match, errors) if match})


class MergedAnswer:
    """Adds up the answers to the parts of a batch."""

    def __init__(self, sent: int) -> None:
        self._sent = sent
        self._stored = 0
        self._ids: List[str] = []
        self._errors: List[str] = []
        self._first_refusal: Optional[APIError] = None

    def add(self, answer: Mapping[str, Any], offset: int) -> None:
        self._stored += int(answer.get("processed_count") or 0)
        self._ids += answer.get("trace_ids") or []
        self._errors += [_move(error, offset) for error in answer.get("errors") or []]

    def refuse(self, refusal: APIError, offset: int, part: Sequence[Item]) -> None:
        """A part of which nothing was stored."""
        self._first_refusal = self._first_refusal or refusal
        # These speak of the request, not of a trace by its index.
        errors = [] if isinstance(refusal, ONE_OF_THEM) else [_move(error, offset) for error in refusal.errors]
        self._errors += errors or [f"traces[{offset + i}]: {refusal.message} (trace_id: {item.trace_id})" for i, item in enumerate(part)]

    def result(self) -> Dict[str, Any]:
        """One answer in the printed form."""
        if self._first_refusal is not None and self._stored == 0:
            raise self._first_refusal
        return {
            "success": self._stored > 0 or self._sent == 0,
            "message": f"Processed {self._stored} of {self._sent} traces",
            "processed_count": self._stored,
            "errors": self._errors or None,
            "trace_ids": self._ids,
        }


def _move(error: str, offset: int) -> str:
    return _INDEX.sub(lambda match: f"traces[{int(match.group(1)) + offset}]", error)
