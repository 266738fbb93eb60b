"""Reasoning that only the demo can verify, as vendors sign or encrypt theirs."""

from __future__ import annotations

import base64
import hashlib
from typing import Any

_MARK = b"demo:"


def sign(text: str) -> str:
    return base64.b64encode(hashlib.sha256(_MARK + text.encode()).digest()).decode()


def is_signed(text: object, signature: object) -> bool:
    return isinstance(text, str) and sign(text) == signature


def seal(text: str) -> str:
    """
    >>> is_sealed(seal("Hm.")), is_sealed("aGk=")
    (True, False)
    """
    return base64.b64encode(_MARK + text.encode()).decode()


def is_sealed(data: Any) -> bool:
    try:
        return base64.b64decode(str(data), validate=True).startswith(_MARK)
    except ValueError:
        return False
