"""Conversations with the server, without the wires: each yields requests and waits, and is sent what came of them.

So the retries, the batches and the errors are written once, for threads and for coroutines.
"""

from __future__ import annotations

import json
import logging
import time
import uuid
from dataclasses import dataclass, replace
from typing import Any, Dict, Generator, Mapping, Optional, TypeVar, Union

from . import _retry
from ._http import Answer, Request
from .errors import APIConnectionError, APIError, LLMEvalError, error_of
from .webhooks import sign_webhook

log = logging.getLogger("llm_eval_sdk")


@dataclass(frozen=True)
class Wait:
    seconds: float


T = TypeVar("T")
Outcome = Union[Answer, APIConnectionError, None]
Conversation = Generator[Union[Request, Wait], Outcome, T]


def exchange(request: Request, retries: int, secret: Optional[str] = None) -> Conversation[Answer]:
    """One request, tried again as often as is allowed and of use."""
    message_id = f"msg_{uuid.uuid4().hex}"
    attempt = 0
    while True:
        outcome = yield _signed(request, secret, message_id) if secret else request
        assert outcome is not None
        error = outcome if isinstance(outcome, APIConnectionError) else _error(outcome)
        if error is None:
            assert isinstance(outcome, Answer)
            return outcome
        seconds = delay(error, attempt, request.repeatable) if attempt < retries else None
        if seconds is None:
            raise error
        log.debug("%s %s is tried again in %.1f s: %s", request.method, request.path, seconds, type(error).__name__)
        yield Wait(seconds)
        attempt += 1


def delay(error: LLMEvalError, attempt: int, repeatable: bool = True) -> Optional[float]:
    """Seconds to wait before the next attempt; None where there should be none."""
    if isinstance(error, APIError):
        if error.status not in (_retry.RETRIED if repeatable else _retry.NOT_DONE) or (not repeatable and error.outcome_unknown):
            return None
        if error.retry_after is not None:
            return error.retry_after if error.retry_after <= _retry.LONGEST_WAIT else None
        return _retry.backoff(attempt)
    return _retry.backoff(attempt) if isinstance(error, APIConnectionError) and repeatable else None


def read_json(answer: Answer) -> Dict[str, Any]:
    try:
        value = json.loads(answer.body)
    except ValueError:
        value = None
    if not isinstance(value, dict):
        raise APIError(answer.status, "The answer is not JSON: is this the address of LlmEval?", headers=answer.headers)
    return value


def timed(request: Request, started: float, outcome: Outcome) -> None:
    """Notes an attempt for whoever debugs; never a key, never a body."""
    if log.isEnabledFor(logging.DEBUG):
        what = outcome.status if isinstance(outcome, Answer) else type(outcome).__name__
        log.debug("%s %s: %s in %.0f ms", request.method, request.path, what, (time.monotonic() - started) * 1000)


def _error(outcome: Answer) -> Optional[APIError]:
    return None if 200 <= outcome.status < 300 else error_of(outcome.status, outcome.headers, outcome.body)


def _signed(request: Request, secret: str, message_id: str) -> Request:
    # Anew for each attempt: the signed time may only be minutes old. The id stays, it is the same message.
    headers: Mapping[str, str] = {**request.headers, **sign_webhook(request.body or b"", secret, message_id)}
    return replace(request, headers=headers)
