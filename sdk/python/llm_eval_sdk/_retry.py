"""When to try again: pure functions of what happened."""

from __future__ import annotations

import random
import time
from email.utils import parsedate_to_datetime
from typing import Mapping, Optional

RETRIED = frozenset({408, 429, 502, 503, 504})
"""Answers that say: the same request again is safe and may succeed."""

NOT_DONE = frozenset({429, 503})
"""Answers that say: nothing was done, unless they say that nobody knows. Only after these may a request be repeated that is not safe to repeat."""

LONGEST_WAIT = 60.0
"""A server that asks for more is not waited for."""


def retry_after(headers: Mapping[str, str]) -> Optional[float]:
    """The seconds of a Retry-After header, given as a number or as a date."""
    text = headers.get("retry-after")
    if not text:
        return None
    try:
        return max(0.0, float(text))
    except ValueError:
        pass
    try:
        return max(0.0, parsedate_to_datetime(text).timestamp() - time.time())
    except (TypeError, ValueError):
        return None


def backoff(attempt: int, first: float = 0.5, most: float = 8.0) -> float:
    """Seconds before the next attempt, counted from 0, with jitter so that clients do not come back all at once."""
    return float(min(most, first * 2 ** min(attempt, 16)) * (1 - 0.25 * random.random()))
