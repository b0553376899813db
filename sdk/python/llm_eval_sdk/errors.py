"""What can go wrong, by kind."""

from __future__ import annotations

import copyreg
import json
from typing import Any, Dict, List, Mapping, Optional, Tuple, Type

from ._retry import retry_after


class LLMEvalError(Exception):
    """Whatever this package raises."""


class APIConnectionError(LLMEvalError):
    """The server could not be reached, or the connection broke off."""


class APITimeoutError(APIConnectionError):
    """The server did not answer in time."""


class StreamDataError(LLMEvalError):
    """An event of a stream is not JSON; the stream goes on."""


class APIError(LLMEvalError):
    """The server answered, but not with what was asked for."""

    def __init__(self, status: int, message: str, *, body: Any = None, headers: Optional[Mapping[str, str]] = None) -> None:
        headers = headers or {}
        problem: Mapping[str, Any] = body if isinstance(body, dict) else {}
        errors: List[str] = [str(error) for error in problem.get("errors") or []]
        if errors and not any(error in message for error in errors):
            # The message of a batch only counts: what is logged has to say why as well.
            message = f"{message}: {'; '.join(errors[:3])}"
        super().__init__(f"{message} (HTTP {status})")
        self.status = status
        self.message = message
        self.body = body
        self.code: Optional[str] = problem.get("code")
        self.request_id: Optional[str] = headers.get("x-request-id")
        self.retry_after: Optional[float] = retry_after(headers)
        self.errors = errors
        """Every fault, one sentence each."""
        self.outcome_unknown: bool = problem.get("outcome") == "unknown"
        """The server does not know whether it did it: to repeat the request may do it twice."""

    def __reduce__(self) -> Tuple[Any, ...]:
        # The way of exceptions calls __init__ with the text alone; where that fails, a multiprocessing.Pool waits for ever.
        return copyreg.__newobj__, (type(self), *self.args), vars(self)  # type: ignore[attr-defined]


class BadRequestError(APIError):
    """400: the request is malformed."""


class AuthenticationError(APIError):
    """401: a key, user or signature is missing or wrong."""


class PermissionDeniedError(APIError):
    """403: this key may not do that."""


class NotFoundError(APIError):
    """404: there is no such thing."""


class ConflictError(APIError):
    """409: it is stored with other content, or was changed meanwhile."""


class PayloadTooLargeError(APIError):
    """413: more than the server takes at once."""


class ValidationError(APIError):
    """422: a field breaks a rule; ``errors`` names each."""


class RateLimitError(APIError):
    """429: too many requests; ``retry_after`` says how many seconds to wait."""


class ServerError(APIError):
    """5xx: the server's fault."""


_BY_STATUS: Dict[int, Type[APIError]] = {
    400: BadRequestError,
    401: AuthenticationError,
    403: PermissionDeniedError,
    404: NotFoundError,
    409: ConflictError,
    413: PayloadTooLargeError,
    422: ValidationError,
    429: RateLimitError,
}


def error_of(status: int, headers: Mapping[str, str], body: bytes) -> APIError:
    """The error that an answer stands for."""
    parsed: Any = None
    try:
        parsed = json.loads(body)
    except ValueError:
        parsed = body.decode("utf-8", "replace") or None
    message = parsed.get("message") or parsed.get("title") if isinstance(parsed, dict) else None
    kind = _BY_STATUS.get(status, ServerError if status >= 500 else APIError)
    if not message:
        message = "The server redirects elsewhere: give the address it names as base_url" if 300 <= status < 400 else "The server refused"
    return kind(status, str(message), body=parsed, headers=headers)
