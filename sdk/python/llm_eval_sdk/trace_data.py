"""Traces as an application gives them, and as they go over the wire."""

from __future__ import annotations

import os
from collections.abc import Mapping as AnyMapping
from dataclasses import dataclass, fields
from datetime import datetime, timezone
from typing import Any, Dict, List, Mapping, Optional, Union

from ._json import free_name, rfc3339


def new_trace_id() -> str:
    """An id that nobody else has: a random UUID, made in a third of the time that uuid4 takes."""
    digits = os.urandom(16).hex()
    return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-{'89ab'[int(digits[16], 16) & 3]}{digits[17:20]}-{digits[20:]}"


def utc_now() -> datetime:
    return datetime.now(timezone.utc)


@dataclass
class TraceData:
    """One call of a model: what was asked, what was answered, and what it took."""

    trace_id: str
    model_name: str
    user_query: str
    ai_response: str
    system_prompt: Optional[str] = None
    functions_called: Optional[List[Dict[str, Any]]] = None
    metadata: Optional[Dict[str, Any]] = None
    tokens_used: Optional[int] = None
    response_time_ms: Optional[float] = None
    cost: Optional[float] = None
    timestamp: Union[datetime, str, None] = None
    prompt_tokens: Optional[int] = None
    completion_tokens: Optional[int] = None
    error: Union[str, Dict[str, Any], None] = None
    session_id: Optional[str] = None
    user_id: Optional[str] = None
    environment: Optional[str] = None
    parent_id: Optional[str] = None
    tags: Optional[List[str]] = None

    def to_dict(self) -> Dict[str, Any]:
        """The fields that have a value, as they are sent."""
        return to_wire(self, {})

    @classmethod
    def from_dict(cls, trace: Mapping[str, Any]) -> TraceData:
        """A trace from its fields; unknown ones join the metadata, as ``name_2`` where their name is taken there."""
        return cls(**to_wire(trace, {}))


KNOWN = frozenset(field.name for field in fields(TraceData))

_LEFT_OUT_WHEN_NONE = KNOWN | {"start_time", "end_time"}

Trace = Union[TraceData, Mapping[str, Any]]


def to_wire(trace: Optional[Trace], more: Mapping[str, Any]) -> Dict[str, Any]:
    """The fields of a trace as the server takes them.

    Fields without a value are left out, an id is made where there is none, and what the server has no field for joins the
    metadata, as ``name_2`` where its name is taken there. The caller's own objects are not changed.
    """
    given: Mapping[str, Any]
    if trace is None:
        given = more
    elif type(trace) is dict:
        given = {**trace, **more} if more else trace
    elif isinstance(trace, TraceData):
        given = {**vars(trace), **more}
    elif isinstance(trace, AnyMapping):
        given = {**trace, **more}
    else:
        raise TypeError(f"A trace is a TraceData or a mapping, not {type(trace).__name__}")

    wire = {name: value for name, value in given.items() if value is not None or name not in _LEFT_OUT_WHEN_NONE}
    if not KNOWN.issuperset(wire):
        _set_times(wire)
        _join_unknown(wire)
    if "trace_id" not in wire:
        wire["trace_id"] = new_trace_id()
    if isinstance(wire.get("timestamp"), datetime):
        wire["timestamp"] = rfc3339(wire["timestamp"])
    return wire


def _join_unknown(wire: Dict[str, Any]) -> None:
    """Moves what the server has no field for into the metadata, by the server's own rule: there, before_send can see it."""
    metadata = wire.get("metadata", {})
    unknown = [name for name in wire if name not in KNOWN]
    if not unknown or not isinstance(metadata, AnyMapping):
        # Metadata that becomes an object only as JSON: the server joins the two.
        return
    joined = dict(metadata)
    taken = {str(name) for name in metadata}
    for name in unknown:
        joined[free_name(str(name), taken)] = wire.pop(name)
    wire["metadata"] = joined


def _set_times(wire: Dict[str, Any]) -> None:
    """start_time and end_time, in epoch seconds or as datetime, give the timestamp and the response time where these are not given.

    One that gives nothing stays, and joins the metadata like any other field that the server does not know.
    """
    start = _epoch(wire.get("start_time"))
    if start is None:
        return
    end = _epoch(wire.get("end_time"))
    gives_duration = end is not None and end >= start and "response_time_ms" not in wire
    if end is not None and gives_duration:
        wire["response_time_ms"] = round((end - start) * 1000, 3)
        del wire["end_time"]
    if "timestamp" not in wire:
        wire["timestamp"] = datetime.fromtimestamp(start, timezone.utc)
    elif not gives_duration:
        return
    del wire["start_time"]


def _epoch(value: Any) -> Optional[float]:
    if isinstance(value, datetime):
        return (value if value.tzinfo else value.replace(tzinfo=timezone.utc)).timestamp()
    if isinstance(value, (int, float)) and not isinstance(value, bool) and 0 <= value < 32_503_680_000:
        return float(value)
    return None
