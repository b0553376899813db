"""The server's interface, as conversations."""

from __future__ import annotations

import gzip
from collections import deque
from typing import Any, Dict, Iterable, Mapping, Optional, Sequence, Tuple

from ._batches import MOST_MALFORMED, ONE_OF_THEM, Item, MergedAnswer, body_of, cut
from ._exchange import Conversation, exchange, read_json
from ._http import Request
from ._json import encode
from .errors import BadRequestError, ConflictError, ValidationError
from .trace_data import Trace, to_wire

VERSION = "1.0.0"
USER_AGENT = f"llm-eval-sdk-python/{VERSION}"

MAX_PAGE = 1_000

_GZIP_FROM = 4_096
_JSON = "application/json"


def item_of(wire: Mapping[str, Any]) -> Item:
    return Item(str(wire["trace_id"]), encode(wire))


def query_of(values: Mapping[str, Any]) -> Tuple[Tuple[str, str], ...]:
    """Query parameters: lists repeat, booleans are small, None is left out."""
    pairs = []
    for name, value in values.items():
        for one in value if isinstance(value, (list, tuple)) else [value]:
            if one is not None:
                text = encode(one).decode().strip('"') if isinstance(one, bool) or not isinstance(one, (str, int, float)) else str(one)
                pairs.append((name, text))
    return tuple(pairs)


class Api:
    """What can be said to the server. Knows the limits and the headers, no wires and no waiting."""

    def __init__(
        self,
        *,
        retries: int,
        source: str,
        max_batch_bytes: int,
        pack: bool,
        secret: Optional[str],
        headers: Mapping[str, str],
    ) -> None:
        self._retries = retries
        self._source = source
        self._max_batch_bytes = max_batch_bytes
        self._pack = pack
        self._secret = secret
        self._headers = headers

    def send_trace(self, trace: Optional[Trace], fields: Mapping[str, Any]) -> Conversation[Dict[str, Any]]:
        body = item_of(to_wire(trace, fields)).json
        return self._post("/webhook/trace", body, self._secret)

    def send_batch(self, traces: Iterable[Trace], source: Optional[str], batch_id: Optional[str]) -> Conversation[Dict[str, Any]]:
        return self.send_items([item_of(to_wire(trace, {})) for trace in traces], source, batch_id)

    def send_items(
        self, items: Sequence[Item], source: Optional[str] = None, batch_id: Optional[str] = None
    ) -> Conversation[Dict[str, Any]]:
        merged = MergedAnswer(len(items))
        for offset, part in cut(items, self._max_batch_bytes):
            yield from self._send_part(merged, offset, part, source or self._source, batch_id)
        return merged.result()

    def _send_part(self, merged: MergedAnswer, start: int, items: Sequence[Item], source: str, batch_id: Optional[str]) -> Conversation[None]:
        malformed = 0
        parts = deque([(start, items)])
        while parts:
            offset, part = parts.popleft()
            try:
                merged.add((yield from self._post("/webhook/batch", body_of(part, source, batch_id), self._secret)), offset)
                malformed = 0
            except ONE_OF_THEM as error:
                malformed += isinstance(error, BadRequestError)
                half = len(part) // 2
                if half == 0 or malformed >= MOST_MALFORMED:
                    merged.refuse(error, offset, part)
                else:
                    parts.extendleft([(offset + half, part[half:]), (offset, part[:half])])
            except (ConflictError, ValidationError) as error:
                merged.refuse(error, offset, part)
                malformed = 0

    def import_lines(self, lines: bytes) -> Conversation[Dict[str, Any]]:
        return self._post("/api/traces/import", lines, content_type="application/x-ndjson")

    def evaluate(self, verdict: Mapping[str, Any]) -> Conversation[Dict[str, Any]]:
        given = {name: value for name, value in verdict.items() if value is not None}
        return self._post("/api/evaluations", encode(given), repeatable=False)

    def get_trace(self, trace_id: str) -> Conversation[Dict[str, Any]]:
        return self._get("/api/trace", trace_id=trace_id)

    def get_page(self, filters: Mapping[str, Any]) -> Conversation[Dict[str, Any]]:
        return self._get("/api/traces", **filters)

    def get_stats(self) -> Conversation[Dict[str, Any]]:
        return self._get("/webhook/stats")

    def health_check(self) -> Conversation[Dict[str, Any]]:
        return self._get("/webhook/health")

    def stream_headers(self) -> Dict[str, str]:
        return {**self._headers, "Accept": "text/event-stream", "Accept-Encoding": "identity", "Cache-Control": "no-store"}

    def _get(self, path: str, **query: Any) -> Conversation[Dict[str, Any]]:
        request = Request("GET", path, query_of(query), None, {**self._headers, "Accept": _JSON})
        return read_json((yield from exchange(request, self._retries)))

    def _post(
        self, path: str, body: bytes, secret: Optional[str] = None, *, content_type: str = _JSON, repeatable: bool = True
    ) -> Conversation[Dict[str, Any]]:
        headers = {**self._headers, "Accept": _JSON, "Content-Type": content_type}
        if self._pack and len(body) >= _GZIP_FROM:
            body = gzip.compress(body, compresslevel=1, mtime=0)
            headers["Content-Encoding"] = "gzip"
        request = Request("POST", path, (), body, headers, repeatable)
        return read_json((yield from exchange(request, self._retries, secret)))
