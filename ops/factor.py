"""The telephone of the demonstration’s staff: codes of the second factor (RFC 6238), from secrets in `demo.json`."""

import base64
import hashlib
import hmac
import struct
import time

PERIOD_SECONDS = 30


def code_at(secret: str, counter: int) -> str:
    """Return the six digits of a period; `secret` is base32."""
    digest = hmac.new(base64.b32decode(secret), struct.pack(">Q", counter), hashlib.sha1).digest()
    start = digest[-1] & 0x0F
    number = struct.unpack(">I", digest[start : start + 4])[0] & 0x7FFFFFFF
    return f"{number % 1_000_000:06}"


def code_now(secret: str) -> str:
    """Return the six digits that the telephone shows now; the portal takes each once."""
    return code_at(secret, int(time.time()) // PERIOD_SECONDS)
