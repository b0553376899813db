"""Server-sent events, from bytes as they come to events as they were meant."""

from __future__ import annotations

from typing import Iterator, List, Optional

_BOM = b"\xef\xbb\xbf"


class EventParser:
    """Takes pieces cut anywhere, lines of any length."""

    def __init__(self) -> None:
        self.last_event_id: Optional[str] = None
        self.retry_ms: Optional[int] = None
        self._rest = bytearray()
        self._searched = 0
        self._begun = False
        self._after_cr = False
        self._data: List[str] = []
        self._id: Optional[str] = None

    def feed(self, piece: bytes) -> List[str]:
        """The data of the events that this piece completes."""
        self._rest += piece
        if not self._begun:
            if len(self._rest) < len(_BOM) and _BOM.startswith(bytes(self._rest)):
                return []
            self._begun = True
            if self._rest.startswith(_BOM):
                del self._rest[: len(_BOM)]
        return [data for line in self._lines() for data in self._take(line)]

    def _lines(self) -> Iterator[str]:
        start = 0
        while True:
            if self._after_cr and start < len(self._rest):
                self._after_cr = False
                if self._rest[start] == 0x0A:
                    start += 1
            end = self._line_end(max(start, self._searched))
            if end < 0:
                break
            yield self._rest[start:end].decode("utf-8", "replace")
            self._after_cr = self._rest[end] == 0x0D
            start = self._searched = end + 1
        # What was searched is not searched again: a long line costs its length, not its square.
        del self._rest[:start]
        self._searched = len(self._rest)

    def _line_end(self, start: int) -> int:
        feed = self._rest.find(b"\n", start)
        back = self._rest.find(b"\r", start, feed if feed >= 0 else len(self._rest))
        return back if back >= 0 else feed

    def _take(self, line: str) -> Iterator[str]:
        if not line:
            if self._id is not None:
                self.last_event_id = self._id
            if self._data:
                yield "\n".join(self._data)
                self._data = []
            return
        name, _, value = line.partition(":")
        if value.startswith(" "):
            value = value[1:]
        if name == "data":
            self._data.append(value)
        elif name == "id" and "\0" not in value:
            self._id = value
        elif name == "retry" and value.isascii() and value.isdigit():
            self.retry_ms = int(value)
