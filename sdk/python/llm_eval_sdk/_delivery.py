"""The background queue: traces wait here until a thread has sent them. It never raises, blocks or grows."""

from __future__ import annotations

import atexit
import json
import logging
import os
import sys
import threading
import time
import weakref
from collections import deque
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Callable, Deque, Dict, Iterator, List, Mapping, Optional, Sequence, Set

from . import _fork
from ._batches import MAX_TRACES, Item, failed_indexes
from ._exchange import delay
from ._retry import LONGEST_WAIT, RETRIED
from .errors import APIConnectionError, APIError, LLMEvalError, ServerError, ValidationError

log = logging.getLogger("llm_eval_sdk")

OnError = Callable[[Exception, List[Dict[str, Any]]], None]

EXIT_SECONDS = 5.0
"""How long the end of the process is held up at most."""

_IDLE_SECONDS = 60.0
_WARN_SECONDS = 60.0


class QueueFullError(LLMEvalError):
    """Traces were dropped, the oldest first: they came faster than they could be sent."""


class NotDeliveredError(LLMEvalError):
    """The process or the client ended before these traces could be sent."""


@dataclass(frozen=True)
class DeliveryStats:
    captured: int
    delivered: int
    dropped: int
    """Refused by the server, or no room or no time for them."""
    queued: int
    """Waiting or on their way."""


class _Here(threading.local):
    """What a thread is doing."""

    telling = False


class Delivery:
    """Sends what is put into it in batches, by count, bytes and time, from one daemon thread that ends when there is nothing to do."""

    def __init__(
        self,
        send: Callable[[Sequence[Item]], Mapping[str, Any]],
        leave: Callable[[], None],
        *,
        flush_at: int,
        flush_interval: float,
        max_items: int,
        max_bytes: int,
        max_batch_bytes: int,
        on_error: Optional[OnError],
    ) -> None:
        self._send = send
        self._leave = leave
        self._flush_at = max(1, min(flush_at, MAX_TRACES))
        self._flush_interval = flush_interval
        self._max_items = max(1, max_items)
        self._max_bytes = max_bytes
        self._max_batch_bytes = max_batch_bytes
        self._on_error = on_error
        self._closed = False
        self._begin()
        _fork.in_child(self._begin)
        _open.add(weakref.ref(self, _open.discard))

    def _begin(self) -> None:
        """Empty, as in a new process: what a parent process has queued is for the parent to send."""
        # Reentrant: a signal handler or a finalizer may capture while this thread is capturing.
        self._changed = threading.Condition(threading.RLock())
        self._items: Deque[Item] = deque()
        self._bytes = 0
        self._in_flight = 0
        self._queued = 0
        self._untold = 0
        self._captured = self._delivered = self._dropped = 0
        self._overflowed = 0
        self._warned: Dict[str, float] = {}
        self._due = 0.0
        self._hurry = 0
        self._urgent = 0
        self._worker: Optional[threading.Thread] = None
        self._here = _Here()

    @property
    def stats(self) -> DeliveryStats:
        with self._changed:
            return DeliveryStats(self._captured, self._delivered, self._dropped, len(self._items) + self._in_flight)

    def put(self, item: Item) -> None:
        with self._changed:
            self._captured += 1
            closed = self._closed
            if closed:
                self._dropped += 1
            else:
                self._add(item)
            overflowed = self._take_overflow()
        if overflowed:
            with self._telling(overflowed):
                self._report_overflow(overflowed)
        if self._here.telling:
            # An on_error that captures what it hears would hear of that in turn, and so on.
            return
        if closed:
            message = "A trace was captured after the shutdown of its client"
            self._warn("closed", message)
            self._report(NotDeliveredError(message), [item])
        elif _ending is not None:
            self.finish(_left(_ending))

    def _add(self, item: Item) -> None:
        """Called with the lock held."""
        self._items.append(item)
        self._queued += 1
        self._bytes += len(item.json)
        waiting = len(self._items)
        if waiting == 1:
            self._due = time.monotonic() + self._flush_interval
        while len(self._items) > self._max_items or (self._bytes > self._max_bytes and len(self._items) > 1):
            self._bytes -= len(self._items.popleft().json)
            self._dropped += 1
            self._overflowed += 1
        if self._worker is None:
            self._start()
        elif waiting == 1 or waiting == self._flush_at or self._bytes >= self._max_batch_bytes:
            self._changed.notify_all()

    def drop(self, error: Exception) -> None:
        """Counts and reports a trace that could not even be queued."""
        with self._changed:
            self._captured += 1
            self._dropped += 1
        self._report(error, [])

    def flush(self, timeout: float) -> bool:
        """Sends all that is queued by now, and returns when on_error has heard of what was lost; False where that took too long."""
        end = time.monotonic() + timeout
        with self._changed:
            if threading.current_thread() is self._worker:
                return False
            target = self._queued
            self._hurry += 1
            self._urgent += 1
            if self._items and self._worker is None:
                self._start()
            self._changed.notify_all()
        try:
            return self._wait_for(target, end)
        finally:
            with self._changed:
                self._hurry -= 1

    def _wait_for(self, target: int, end: float) -> bool:
        while True:
            with self._changed:
                if self._settled() >= target:
                    return True
                left = end - time.monotonic()
                if left <= 0:
                    return False
                if self._worker is not None or not self._items:
                    self._changed.wait(min(left, threading.TIMEOUT_MAX))
                    continue
                batch = self._take()
            # No thread can be started while the interpreter ends.
            self._send_here(batch)

    def _settled(self) -> int:
        """How many of the queued traces need no more waiting for; called with the lock held."""
        gone = self._queued - len(self._items) - self._in_flight
        # An on_error that flushes would wait for itself.
        return gone if self._here.telling else gone - self._untold

    def shutdown(self, timeout: float) -> bool:
        """Sends what is queued within the time, drops the rest, and ends the thread."""
        return self.finish(timeout, close=True)

    def finish(self, timeout: float, close: bool = False) -> bool:
        """Sends what is queued within the time, and drops the rest."""
        complete = self.flush(timeout)
        if complete and not close:
            # What other threads have captured since is for them to finish.
            return True
        with self._changed:
            self._closed = self._closed or close
            left = [*self._items]
            self._items.clear()
            self._bytes = 0
            self._dropped += len(left)
            self._untold += len(left)
            lost = len(left) + self._in_flight
            self._urgent += 1
            self._changed.notify_all()
            worker = self._worker
        if close and worker is not None and complete and threading.current_thread() is not worker:
            worker.join(1.0)
        with self._telling(len(left)):
            if lost:
                self._warn("lost", f"{lost} traces were not delivered before the end")
                self._report(NotDeliveredError(f"{lost} traces were not delivered before the end"), left)
        return complete

    # --- The thread -----------------------------------------------------------------------------------------------

    def _start(self) -> None:
        worker = threading.Thread(target=self._run, name="llm-eval-delivery", daemon=True)
        try:
            worker.start()
        except RuntimeError:
            return
        self._worker = worker
        _finish_with_process()

    def _run(self) -> None:
        batch = self._next()
        while batch is not None:
            try:
                self._deliver(batch)
            except Exception as error:  # A fault of ours must not end the deliveries.
                self._settle(batch, 0, error)
            batch = self._next()
        self._leave()

    def _next(self) -> Optional[List[Item]]:
        """Waits for a batch; None ends the thread."""
        with self._changed:
            while True:
                if self._items:
                    full = len(self._items) >= self._flush_at or self._bytes >= self._max_batch_bytes
                    left = self._due - time.monotonic()
                    if full or self._hurry or self._closed or left <= 0:
                        return self._take()
                    self._changed.wait(min(left, threading.TIMEOUT_MAX))
                elif self._closed or (not self._changed.wait(_IDLE_SECONDS) and not self._items):
                    if threading.current_thread() is self._worker:
                        self._worker = None
                    return None

    def _take(self) -> List[Item]:
        batch: List[Item] = []
        size = 0
        while self._items and len(batch) < MAX_TRACES and (not batch or size + len(self._items[0].json) <= self._max_batch_bytes):
            item = self._items.popleft()
            size += len(item.json)
            batch.append(item)
        self._bytes -= size
        self._in_flight += len(batch)
        self._due = time.monotonic() + self._flush_interval
        return batch

    def _deliver(self, batch: List[Item]) -> None:
        """Tries until the batch is stored or refused; the queue behind it is bounded."""
        attempt = 0
        while True:
            try:
                answer = self._send(batch)
            except LLMEvalError as error:
                seconds = delay(error, attempt)
                if seconds is None and isinstance(error, APIError) and error.status in RETRIED:
                    # It asks for more than anybody is made to wait for; here nobody is.
                    seconds = LONGEST_WAIT
                if seconds is None:
                    self._settle(batch, 0, error)
                    return
                if isinstance(error, (APIConnectionError, ServerError)):
                    self._warn("away", f"The server is away ({type(error).__name__}); traces wait in a queue of {self._max_items}")
                if not self._pause(seconds):
                    # Closed with no time left: shutdown has reported what is on its way.
                    self._settle(batch, 0, None)
                    return
                attempt += 1
            else:
                self._settle_answer(batch, answer)
                return

    def _pause(self, seconds: float) -> bool:
        end = time.monotonic() + seconds
        with self._changed:
            urgent = self._urgent
            while not self._closed and self._urgent == urgent:
                left = end - time.monotonic()
                if left <= 0:
                    break
                self._changed.wait(min(left, threading.TIMEOUT_MAX))
            return not self._closed

    def _send_here(self, batch: List[Item]) -> None:
        try:
            answer = self._send(batch)
        except Exception as error:
            self._settle(batch, 0, error)
        else:
            self._settle_answer(batch, answer)

    def _settle_answer(self, batch: List[Item], answer: Mapping[str, Any]) -> None:
        errors = [str(error) for error in answer.get("errors") or []]
        refused = [batch[i] for i in failed_indexes(errors) if i < len(batch)]
        refusal = ValidationError(422, "Traces were refused", body={"errors": errors}) if errors else None
        self._settle(batch, len(batch) - len(refused), refusal, refused)

    def _settle(self, batch: List[Item], delivered: int, error: Optional[Exception], refused: Optional[List[Item]] = None) -> None:
        with self._changed:
            self._in_flight -= len(batch)
            self._untold += len(batch)
            self._delivered += delivered
            self._dropped += len(batch) - delivered
            overflowed = self._take_overflow()
            self._changed.notify_all()
        with self._telling(len(batch) + overflowed):
            if error is not None:
                lost = batch if refused is None else refused
                status = f"HTTP {error.status}" if isinstance(error, APIError) else type(error).__name__
                self._warn("refused", f"{len(lost)} traces were refused ({status}); on_error tells more")
                self._report(error, lost)
            if overflowed:
                self._report_overflow(overflowed)

    # --- Telling ----------------------------------------------------------------------------------------------------

    @contextmanager
    def _telling(self, count: int) -> Iterator[None]:
        """A flush waits for these traces, which are settled already, until on_error has heard of them."""
        try:
            yield
        finally:
            with self._changed:
                self._untold -= count
                self._changed.notify_all()

    def _take_overflow(self) -> int:
        """The number to report now, with which it is untold; called with the lock held."""
        if not self._overflowed or not self._may_warn("full"):
            return 0
        overflowed, self._overflowed = self._overflowed, 0
        self._untold += overflowed
        return overflowed

    def _report_overflow(self, overflowed: int) -> None:
        message = f"{overflowed} traces were dropped, the oldest first: the queue of {self._max_items} is full"
        log.warning("%s", message)
        self._report(QueueFullError(message), [])

    def _warn(self, kind: str, message: str) -> None:
        with self._changed:
            if not self._may_warn(kind):
                return
        log.warning("%s", message)

    def _may_warn(self, kind: str) -> bool:
        """Once a minute for each kind of trouble; called with the lock held."""
        now = time.monotonic()
        if now - self._warned.get(kind, -_WARN_SECONDS) < _WARN_SECONDS:
            return False
        self._warned[kind] = now
        return True

    def _report(self, error: Exception, items: Sequence[Item]) -> None:
        if self._on_error is None:
            log.debug("%s, %d traces", type(error).__name__, len(items))
            return
        before, self._here.telling = self._here.telling, True
        try:
            self._on_error(error, [json.loads(item.json) for item in items])
        except BaseException as fault:
            # From the thread that delivers SystemExit would end no process, only all deliveries.
            if not isinstance(fault, Exception) and threading.current_thread() is not self._worker:
                raise
            log.debug("on_error raised %s", type(fault).__name__)
        finally:
            self._here.telling = before


# Without a lock, as in _fork; a WeakSet does not bear that another thread adds to it while it is read.
_open: Set["weakref.ref[Delivery]"] = set()

_ending: Optional[float] = None
"""When the process has to be at its end, once it has begun to end. What is captured from then on has no thread to wait for."""


def _left(end: float) -> float:
    return max(0.1, end - time.monotonic())


def finish_all() -> None:
    """At the end of the process: all queues have the same few seconds."""
    global _ending
    _ending = time.monotonic() + EXIT_SECONDS
    for reference in _open.copy():
        delivery = reference()
        if delivery is not None and delivery.stats.queued:
            delivery.finish(_left(_ending))


atexit.register(finish_all)


def _finish_with_process() -> None:
    """A process of multiprocessing ends without atexit."""
    global _finalized
    process = sys.modules.get("multiprocessing.process")
    if process is not None and process.parent_process() is not None and _finalized != os.getpid():
        _finalized = os.getpid()
        sys.modules["multiprocessing.util"].Finalize(None, finish_all, exitpriority=10)


_finalized = 0
