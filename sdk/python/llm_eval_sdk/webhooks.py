"""Signatures of webhook bodies: Standard Webhooks, and the plain SHA-256 header."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import time
from typing import Dict, List, Mapping, Optional, Union

TOLERANCE = 300
"""Seconds that a signed time may be off."""

_PLAIN_HEADERS = ("x-signature-256", "x-hub-signature-256")


def sign_webhook(body: bytes, secret: str, webhook_id: str, timestamp: Optional[int] = None) -> Dict[str, str]:
    """The three headers of Standard Webhooks for these bytes. Of several secrets the first signs."""
    moment = int(time.time()) if timestamp is None else timestamp
    digest = _digest(_keys(secret)[0], _signed_content(webhook_id, str(moment), body))
    return {
        "webhook-id": webhook_id,
        "webhook-timestamp": str(moment),
        "webhook-signature": "v1," + base64.b64encode(digest).decode(),
    }


def plain_signature(body: bytes, secret: str) -> str:
    """The value of X-Signature-256 for these bytes. It does not protect against being sent again later."""
    return "sha256=" + _digest(_keys(secret)[0], body).hex()


def verify_webhook(
    body: Union[bytes, str],
    headers: Union[Mapping[str, str], str],
    secret: str,
    *,
    tolerance: float = TOLERANCE,
    now: Optional[float] = None,
) -> bool:
    """Whether these bytes were signed with the secret, or with one of several that are separated by commas.

    ``headers`` are the request's, or the value of its X-Signature-256 alone. Where there is any ``webhook-*`` header, Standard
    Webhooks decides: a wrong signature is not saved by a plain one.
    """
    data = body.encode() if isinstance(body, str) else body
    keys = _keys(secret)
    given = {"x-signature-256": headers} if isinstance(headers, str) else {name.lower(): value for name, value in headers.items()}
    if any(name.startswith("webhook-") for name in given):
        return _verify_standard(data, given, keys, tolerance, time.time() if now is None else now)
    for name in _PLAIN_HEADERS:
        if name in given:
            return _any_equal(given[name].strip().lower(), ["sha256=" + _digest(key, data).hex() for key in keys])
    return False


def _verify_standard(data: bytes, given: Mapping[str, str], keys: List[bytes], tolerance: float, now: float) -> bool:
    webhook_id, moment, signatures = (given.get(f"webhook-{part}", "") for part in ("id", "timestamp", "signature"))
    if not (webhook_id and signatures and moment.isascii() and moment.isdigit() and len(moment) < 12):
        return False
    if abs(now - int(moment)) > tolerance:
        return False
    content = _signed_content(webhook_id, moment, data)
    expected = ["v1," + base64.b64encode(_digest(key, content)).decode() for key in keys]
    # Every signature is compared with every key: how long it takes tells nothing.
    return sum([_any_equal(signature, expected) for signature in signatures.split(" ")]) > 0


def _any_equal(signature: str, expected: List[str]) -> bool:
    return sum([hmac.compare_digest(signature.encode(), one.encode()) for one in expected]) > 0


def _signed_content(webhook_id: str, moment: str, body: bytes) -> bytes:
    return f"{webhook_id}.{moment}.".encode() + body


def _digest(key: bytes, content: bytes) -> bytes:
    return hmac.new(key, content, hashlib.sha256).digest()


def check_secret(secret: str) -> None:
    """Raises ValueError for a secret that cannot sign."""
    _keys(secret)


def _keys(secret: str) -> List[bytes]:
    keys = [_key(part.strip()) for part in secret.split(",") if part.strip()]
    if not keys:
        raise ValueError("The webhook secret is empty")
    return keys


def _key(secret: str) -> bytes:
    if not secret.startswith("whsec_"):
        return secret.encode()
    try:
        return base64.b64decode(secret[len("whsec_") :], validate=True)
    except binascii.Error:
        raise ValueError("A secret that begins with whsec_ goes on with base64") from None
