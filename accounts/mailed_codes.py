"""Codes in links that are mailed to an address: whoever has one reads the mail of that address.

A code holds what it is for and is signed, so nothing is stored before an address is shown to be somebody's.
"""

from __future__ import annotations

from typing import Any

from django.core import signing

from accounts.exceptions import LinkUnusable

SECONDS = 24 * 60 * 60


def make_code(purpose: str, *parts: Any) -> str:
    return signing.dumps(parts, salt=f"accounts.mailed_codes.{purpose}")


def read_code(purpose: str, code: str) -> list[Any]:
    """Return the parts of a code.

    :raises LinkUnusable: it was changed, is older than a day, or is for another purpose.
    """
    try:
        parts: list[Any] = signing.loads(code, salt=f"accounts.mailed_codes.{purpose}", max_age=SECONDS)
    except signing.BadSignature:
        raise LinkUnusable from None
    return parts
