"""Requests and answers, and what carries them."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import Any, Dict, Mapping, Optional, Protocol, Tuple

import requests

from . import _fork
from .errors import APIConnectionError, APITimeoutError


@dataclass(frozen=True)
class Request:
    method: str
    path: str
    query: Tuple[Tuple[str, str], ...] = ()
    body: Optional[bytes] = field(default=None, repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    repeatable: bool = True
    """Whether it does no harm when it arrives twice."""


@dataclass(frozen=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    """By names in small letters."""
    body: bytes = field(repr=False)


class Transport(Protocol):
    """Carries a request to the server, once. A test may put its own in place."""

    def request(
        self,
        method: str,
        url: str,
        *,
        query: Tuple[Tuple[str, str], ...],
        headers: Mapping[str, str],
        body: Optional[bytes],
        timeout: float,
    ) -> Answer:
        """Raises APIConnectionError or APITimeoutError where no answer came."""


class _Session(requests.Session):
    def __init__(self) -> None:
        super().__init__()
        # Without this, an entry in ~/.netrc would replace the Authorization header.
        self.auth = _unchanged

    def __del__(self) -> None:
        # Its thread has ended.
        self.close()


class RequestsTransport:
    """A session for each thread: they are not made to be shared."""

    def __init__(self) -> None:
        self._local = threading.local()
        _fork.in_child(self._forget)

    def _forget(self) -> None:
        # The parent's sockets are the parent's.
        self._local = threading.local()

    @property
    def session(self) -> Any:
        session = getattr(self._local, "session", None)
        if session is None:
            session = self._local.session = _Session()
        return session

    def request(
        self,
        method: str,
        url: str,
        *,
        query: Tuple[Tuple[str, str], ...],
        headers: Mapping[str, str],
        body: Optional[bytes],
        timeout: float,
    ) -> Answer:
        try:
            answer = self.session.request(method, url, params=query, headers=headers, data=body, timeout=timeout, allow_redirects=False)
        except requests.RequestException as error:
            raise connection_error(error) from error
        return Answer(answer.status_code, lower(answer.headers), answer.content)

    def open(self, url: str, *, query: Tuple[Tuple[str, str], ...], headers: Mapping[str, str], timeout: Tuple[float, float]) -> Any:
        """A response whose body is still to be read, with the seconds to connect and the seconds of silence that end it."""
        try:
            return self.session.get(url, params=query, headers=headers, timeout=timeout, stream=True, allow_redirects=False)
        except requests.RequestException as error:
            raise connection_error(error) from error

    def close(self) -> None:
        session = getattr(self._local, "session", None)
        if session is not None:
            session.close()


def read_body(response: Any) -> bytes:
    """Reads the body of an opened response. Raises APIConnectionError where it breaks off."""
    try:
        return bytes(response.content)
    except requests.RequestException as error:
        raise connection_error(error) from error


def connection_error(error: Exception) -> APIConnectionError:
    """What a library says about a connection, without the request that it carries along."""
    if isinstance(error, requests.Timeout):
        return APITimeoutError("The server did not answer in time")
    return APIConnectionError(f"The server could not be reached: {type(error).__name__}")


def lower(headers: Mapping[str, str]) -> Dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}


def _unchanged(request: Any) -> Any:
    return request
