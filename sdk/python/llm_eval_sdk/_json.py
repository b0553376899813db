"""JSON of whatever an application hands over: it may lose precision, never raise."""

from __future__ import annotations

import dataclasses
import json
import math
import re
import time
from collections.abc import Mapping
from datetime import date, datetime, timezone
from decimal import Decimal
from typing import Any, Dict, Iterable, List, Sequence, Set, Tuple

MAX_DEPTH = 48
"""The server refuses what is nested deeper than 64."""

MAX_VALUES = 50_000
MAX_CHARACTERS = 8_000_000
"""The bounds of what takes more care than the encoder has: where everything holds everything, there are more paths than any host has time for.
What is longer than these characters takes that care too: the encoder would write what stands in a thousand places a thousand times."""

_CHARACTERS_OF_A_VALUE = 4
_CHARACTERS_OF_A_STEP = 80
"""A step from an object of the application to JSON takes more time than what it writes."""


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
    if isinstance(value, (bytes, bytearray, memoryview)):
        return bytes(value).decode("utf-8", "replace")
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
    dump = getattr(value, "model_dump", None)
    if callable(dump):
        return dump()
    return str(value)


_ascii_encoder = json.JSONEncoder(ensure_ascii=True, allow_nan=False, separators=(",", ":"))

# A key that may have been a number, a truth value or None before it was written: only one of these can be written like another.
_WRITTEN_KEY = re.compile(r'"[-\dtfn](?:[-+.e\d]*|rue|alse|ull)":')


def encode(value: Any) -> bytes:
    """Compact JSON in UTF-8. What JSON does not know becomes text, what is no number null, what goes in circles is cut.

    What only the careful way can say is cut with an ellipsis after MAX_VALUES or MAX_CHARACTERS.
    """
    try:
        encoder = _BoundedEncoder()
        # The texts of a trace itself stand once.
        encoder.weigh(list(value.values()) if type(value) is dict else [value])
        text = encoder.encode(value)
        if _WRITTEN_KEY.search(text) is not None:
            json.loads(text, object_pairs_hook=_refuse_twice)
        return text.encode()
    except Exception:
        # Lone surrogates are escaped: the server knows what to do about them.
        return _ascii_encoder.encode(_Taming().tame(value)).encode("ascii")


class _BoundedEncoder(json.JSONEncoder):
    """Knows how long what it is given becomes before it writes."""

    def __init__(self) -> None:
        super().__init__(ensure_ascii=False, allow_nan=False, separators=(",", ":"))
        self._left: float = MAX_CHARACTERS

    def default(self, value: Any) -> Any:
        step = plain(value)
        self._left -= _CHARACTERS_OF_A_STEP + (len(step) if isinstance(step, str) else 0)
        self.weigh([step])
        return step

    def weigh(self, values: Iterable[Any]) -> None:
        known: Dict[int, float] = {}
        for value in values:
            if type(value) not in _LEAVES and isinstance(value, _HOLDERS):
                self._left -= _length_of(value, known)
        if self._left < 0:
            raise ValueError("more than the server takes")


_LEAVES = frozenset((str, int, float, bool, type(None)))
_HOLDERS = (dict, list, tuple)


def _length_of(holder: Any, known: Dict[int, float]) -> float:
    """About how long its JSON becomes. Each list and mapping is looked at once, however often it stands there."""
    if id(holder) in known:
        return known[id(holder)]
    # Until it is known: whoever comes here again goes in a circle.
    known[id(holder)] = math.inf
    length: float = _CHARACTERS_OF_A_VALUE * len(holder)
    items = holder
    if isinstance(holder, dict):
        # Copies: another thread may be changing it.
        items = list(holder.values())
        for key in list(holder):
            length += len(key) if isinstance(key, str) else _CHARACTERS_OF_A_VALUE
    for item in items:
        kind = type(item)
        if kind is float:
            continue
        if kind is str or isinstance(item, str):
            length += len(item)
        elif kind is int or isinstance(item, int):
            length += item.bit_length() // 3
        elif isinstance(item, _HOLDERS):
            length += _length_of(item, known)
    known[id(holder)] = length
    return length


def free_name(name: str, taken: Set[str]) -> str:
    """The name, or ``name_2`` and so on where it is taken; it is taken then."""
    free = name
    number = 2
    while free in taken:
        free = f"{name}_{number}"
        number += 1
    taken.add(free)
    return free


def _refuse_twice(members: Sequence[Tuple[str, Any]]) -> None:
    if len({name for name, _ in members}) < len(members):
        raise ValueError("the server refuses a name that comes twice")


def _name(key: Any) -> str:
    try:
        return str(key)
    except Exception:
        return hex(key) if isinstance(key, int) else f"<{type(key).__name__}>"


class _Taming:
    """One walk through a value that the encoder does not take as it is."""

    def __init__(self) -> None:
        self._values = MAX_VALUES
        self._characters = MAX_CHARACTERS
        self._above: Set[int] = set()

    def tame(self, value: Any) -> Any:
        if self._full:
            return "…"
        self._values -= 1
        if value is None or isinstance(value, bool):
            return value
        if isinstance(value, str):
            return self._text(str(value))
        if isinstance(value, int):
            return self._number(int(value))
        if isinstance(value, float):
            return float(value) if math.isfinite(value) else None
        if len(self._above) >= MAX_DEPTH or id(value) in self._above:
            return "…"
        self._above.add(id(value))
        try:
            if isinstance(value, Mapping):
                return self._members(value)
            if isinstance(value, (list, tuple)):
                return self._items(value)
            return self.tame(plain(value))
        except Exception:
            return f"<{type(value).__name__}>"
        finally:
            self._above.discard(id(value))

    @property
    def _full(self) -> bool:
        return self._values <= 0 or self._characters <= 0

    def _text(self, text: str) -> str:
        kept = text[: self._characters]
        self._characters -= len(kept)
        return kept if len(kept) == len(text) else kept + "…"

    def _number(self, number: int) -> Any:
        try:
            digits = str(number)
        except ValueError:
            # Python writes no more digits than sys.get_int_max_str_digits() allows, for they take a long time.
            return self._text(hex(number))
        self._characters = max(0, self._characters - len(digits))
        return number

    def _items(self, items: Sequence[Any]) -> List[Any]:
        copy: List[Any] = []
        for item in items:
            if self._full:
                copy.append("…")
                break
            copy.append(self.tame(item))
        return copy

    def _members(self, members: Mapping[Any, Any]) -> Dict[str, Any]:
        outermost = len(self._above) == 1
        copy: Dict[str, Any] = {}
        # What is a text already keeps its name.
        taken = {str(key) for key in members if isinstance(key, str)}
        for key, item in members.items():
            if self._full:
                copy["…"] = "…"
                break
            name = str(key) if isinstance(key, str) else free_name(_name(key), taken)
            self._characters = max(0, self._characters - len(name))
            copy[name] = self._tame_in_half(item) if outermost else self.tame(item)
        return copy

    def _tame_in_half(self, item: Any) -> Any:
        """A member of the outermost mapping, such as the metadata of a trace, takes no more than half of what is left: others come after it."""
        values, characters = self._values // 2, self._characters // 2
        self._values -= values
        self._characters -= characters
        tame = self.tame(item)
        self._values += values
        self._characters += characters
        return tame
