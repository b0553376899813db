"""What both clients have in common: their settings, and the background queue."""

from __future__ import annotations

import json
import logging
import os
import time
from collections.abc import Mapping as AnyMapping
from numbers import Real
from threading import TIMEOUT_MAX
from typing import Any, Callable, Dict, Mapping, Optional, Sequence, TypeVar, Union
from urllib.parse import urlsplit

from ._api import USER_AGENT, Api, item_of
from ._batches import Item
from ._delivery import Delivery, DeliveryStats, OnError
from ._exchange import Conversation, T, Wait, timed
from ._http import Answer, RequestsTransport, Transport
from ._json import encode, utc_text
from .errors import APIConnectionError
from .trace_data import Trace, new_trace_id, to_wire
from .webhooks import check_secret

log = logging.getLogger("llm_eval_sdk")

BeforeSend = Callable[[Dict[str, Any]], Optional[Dict[str, Any]]]

Self = TypeVar("Self", bound="BaseClient")

DEFAULT_URL = "http://localhost:8000"


class BaseClient:
    """Settings, and the helpers that never hurt the application they run in."""

    def __init__(
        self,
        base_url: Optional[str] = None,
        api_key: Optional[str] = None,
        timeout: float = 30.0,
        *,
        max_retries: int = 2,
        webhook_secret: Optional[str] = None,
        source: str = "python_sdk",
        flush_at: int = 50,
        flush_interval: float = 2.0,
        max_queue_size: int = 10_000,
        max_queue_bytes: int = 64_000_000,
        max_batch_bytes: int = 4_000_000,
        gzip: bool = True,
        before_send: Optional[BeforeSend] = None,
        on_error: Optional[OnError] = None,
        default_metadata: Optional[Mapping[str, Any]] = None,
        enabled: Optional[bool] = None,
        headers: Optional[Mapping[str, str]] = None,
        transport: Optional[Transport] = None,
    ) -> None:
        """
        :param base_url: address of the server; else LLM_EVAL_BASE_URL, else http://localhost:8000
        :param api_key: else LLM_EVAL_API_KEY
        :param timeout: seconds to connect in one attempt, and seconds of silence that end it; with asyncio, seconds for the attempt
        :param max_retries: further attempts of an explicit call after a failure that may pass
        :param webhook_secret: signs what is sent; else LLM_EVAL_WEBHOOK_SECRET
        :param source: names this application on batches that name none
        :param flush_at: how many captured traces are sent at once, and
        :param flush_interval: how many seconds they wait for one another at most
        :param max_queue_size: how many captured traces are kept while they cannot be sent, and
        :param max_queue_bytes: how many bytes; beyond either the oldest are dropped
        :param max_batch_bytes: how large one request becomes at most, before it is packed
        :param before_send: sees every captured trace and returns what to send, or None to send nothing. When it raises, nothing is sent
        :param on_error: is told what went wrong in the background, and which traces were lost
        :param default_metadata: joins the metadata of every captured trace
        :param enabled: whether captures are sent at all; else LLM_EVAL_ENABLED, else yes. Explicit calls are always sent
        :param headers: go with every request
        :param transport: carries the requests, for tests
        :raises ValueError: a setting that no request or queue could work with; the message names it
        """
        self.base_url = _checked(base_url or os.environ.get("LLM_EVAL_BASE_URL") or DEFAULT_URL)
        key = api_key or os.environ.get("LLM_EVAL_API_KEY")
        secret = webhook_secret or os.environ.get("LLM_EVAL_WEBHOOK_SECRET")
        numbers = {
            "timeout": timeout,
            "max_retries": max_retries,
            "flush_at": flush_at,
            "flush_interval": flush_interval,
            "max_queue_size": max_queue_size,
            "max_queue_bytes": max_queue_bytes,
            "max_batch_bytes": max_batch_bytes,
        }
        for name, number in numbers.items():
            if isinstance(number, bool) or not isinstance(number, Real) or not number >= 0:
                raise ValueError(f"{name} must be a number and not negative; this is {number!r}")
        if not 0 < timeout <= TIMEOUT_MAX:
            raise ValueError(f"timeout is in seconds, above 0 and at most {TIMEOUT_MAX:.0f}")
        for name, function in (("before_send", before_send), ("on_error", on_error)):
            if function is not None and not callable(function):
                raise ValueError(f"{name} must be a function; this is {type(function).__name__}")
        if not isinstance(source, str) or not source:
            raise ValueError("source must be a text, the name of this application")
        if not isinstance(default_metadata, (AnyMapping, type(None))):
            raise ValueError(f"default_metadata must be a mapping; this is {type(default_metadata).__name__}")
        if secret:
            check_secret(secret)
        self.timeout = timeout
        self.enabled = _truth(os.environ.get("LLM_EVAL_ENABLED")) if enabled is None else enabled
        all_headers = {"User-Agent": USER_AGENT, **(headers or {})}
        if key:
            all_headers["Authorization"] = f"Bearer {key.strip()}"
        for name, value in all_headers.items():
            if not isinstance(value, str) or not value.isascii() or not value.isprintable():
                raise ValueError(f"{'api_key' if key and name == 'Authorization' else f'headers[{name!r}]'} must be text of letters, digits and signs of ASCII")
        self._transport: Transport = transport or RequestsTransport()
        self._api = Api(retries=max_retries, source=source, max_batch_bytes=max_batch_bytes, pack=gzip, secret=secret, headers=all_headers)
        # The queue has its own, longer patience.
        self._queue_api = Api(retries=0, source=source, max_batch_bytes=max_batch_bytes, pack=gzip, secret=secret, headers=all_headers)
        self._before_send = before_send
        self._default_metadata = dict(default_metadata or {})
        self._delivery = Delivery(
            self._send_items,
            self._leave_thread,
            flush_at=flush_at,
            flush_interval=flush_interval,
            max_items=max_queue_size,
            max_bytes=max_queue_bytes,
            max_batch_bytes=max_batch_bytes,
            on_error=on_error,
        )
        if _truth(os.environ.get("LLM_EVAL_DEBUG"), default=False) and not log.handlers:
            log.addHandler(logging.StreamHandler())
            log.setLevel(logging.DEBUG)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.base_url!r})"

    def __copy__(self: Self) -> Self:
        return self

    def __deepcopy__(self: Self, memo: Any) -> Self:
        # There is one queue behind it, and who copies what holds a client wants that one.
        return self

    def __reduce__(self) -> Any:
        raise TypeError(f"{type(self).__name__} cannot be pickled: it has threads, connections and a key. Make one in each process, for instance in the initializer of a pool")

    def capture(self, trace: Optional[Trace] = None, /, **fields: Any) -> str:
        """Queues a trace to be sent in the background and returns its id at once. Never raises."""
        trace_id = ""
        try:
            wire = to_wire(trace, fields)
            trace_id = str(wire["trace_id"])
            if not self.enabled:
                return trace_id
            if "timestamp" not in wire:
                wire["timestamp"] = utc_text()
            if self._default_metadata:
                self._join_default_metadata(wire)
            if self._before_send is not None:
                # Of its own: what it takes out of the trace stays in the objects of the application.
                changed = self._before_send(json.loads(encode(wire)))
                if changed is None:
                    return trace_id
                wire = to_wire(changed, {})
            self._delivery.put(item_of(wire))
        except Exception as error:
            log.debug("A trace could not be captured: %s", type(error).__name__)
            self._delivery.drop(error)
        return trace_id or new_trace_id()

    def _join_default_metadata(self, wire: Dict[str, Any]) -> None:
        metadata = wire.get("metadata", {})
        if not isinstance(metadata, AnyMapping):
            # An object that becomes a mapping as JSON; what does not is for the server to refuse.
            metadata = json.loads(encode(metadata))
        if isinstance(metadata, AnyMapping):
            wire["metadata"] = {**self._default_metadata, **metadata}

    @property
    def delivery_stats(self) -> DeliveryStats:
        """What became of the captured traces."""
        return self._delivery.stats

    def _send_items(self, items: Sequence[Item]) -> Dict[str, Any]:
        return self._run(self._queue_api.send_items(items))

    def _leave_thread(self) -> None:
        if isinstance(self._transport, RequestsTransport):
            self._transport.close()

    def _run(self, conversation: Conversation[T]) -> T:
        """Holds a conversation on this thread."""
        try:
            step = next(conversation)
            while True:
                if isinstance(step, Wait):
                    time.sleep(step.seconds)
                    step = conversation.send(None)
                    continue
                started = time.monotonic()
                outcome: Union[Answer, APIConnectionError]
                try:
                    outcome = self._transport.request(
                        step.method, self.base_url + step.path, query=step.query, headers=step.headers, body=step.body, timeout=self.timeout
                    )
                except APIConnectionError as error:
                    outcome = error
                timed(step, started, outcome)
                step = conversation.send(outcome)
        except StopIteration as end:
            result: T = end.value
            return result


def _checked(url: str) -> str:
    try:
        parts = urlsplit(url)
        # A port that is none is found out when it is asked for.
        is_address = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0 and not any(sign.isspace() for sign in parts.netloc)
    except (AttributeError, TypeError, ValueError):
        is_address = False
    if not is_address:
        raise ValueError(f"base_url must be an address with http:// or https://, as in {DEFAULT_URL}")
    if "@" in parts.netloc:
        raise ValueError("base_url must not hold a password: it is shown in logs. Use api_key")
    return url.rstrip("/")


def _truth(text: Optional[str], default: bool = True) -> bool:
    return default if not text else text.strip().lower() not in ("0", "false", "no", "off")
