"""The test whether JSON in place of an answer, or around it, is an error, whatever its envelope.

Vendors differ: ``error``, MiniMax's ``base_resp``, ``code`` and ``msg``, ``errorCode`` and ``errorMessage``,
``success: false``. Many of them send the same fields with an answer, to say that all is well.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

# Names as ``plain`` writes them.
_CODES = (
    "code",
    "errorcode",
    "errcode",
    "errno",
    "statuscode",
    "status",
    "retcode",
    "returncode",
    "resultcode",
)
_WORDS = frozenset(
    {
        *("message", "msg", "detail", "details", "errors", "reason", "description"),
        *("errormessage", "errormsg", "errmsg", "errordescription", "statusmsg", "statusmessage"),
    }
)
_INNER = ("error", "baseresp")
_FINE = frozenset({"", "ok", "success", "succeeded", "successful", "completed", "none", "null", "false"})
_FAILED = frozenset({"error", "errored", "fail", "failed", "failure"})
_LONGEST_CODE = 40


def plain(name: str) -> str:
    """Return the name as all spellings of it share it.

    >>> plain("errorMessage"), plain("error_message"), plain("Error-Message")
    ('errormessage', 'errormessage', 'errormessage')
    """
    return name.replace("_", "").replace("-", "").lower()


def is_error_object(found: dict[str, Any]) -> bool:
    """Return whether the object is an error; ``error: null`` and ``code: 0`` are none."""
    if _is_said(found.get("error")) or found.get("object") == "error" or found.get("type") == "error":
        return True
    fields = {plain(name): value for name, value in found.items()}
    inner = fields.get("baseresp")
    if isinstance(inner, dict) and bad_code(inner) is not None:
        return True
    if fields.get("choices"):
        return False
    has_words = any(fields.get(name) for name in _WORDS)
    if has_words and (fields.get("success") is False or bad_code(found) is not None):
        return True
    # Words alone are an error if nothing says that all is well.
    says_it_is_fine = fields.get("success") is True or any(fields.get(name) is not None for name in _CODES)
    is_bare = not says_it_is_fine and not {"choices", "usage", "meta"} & found.keys()
    return is_bare and bool(found.get("message") or found.get("detail") or found.get("errors"))


def layers(found: object) -> Iterator[dict[str, Any]]:
    """Yield the object and the objects in it that may hold the error's fields."""
    if isinstance(found, dict):
        yield found
        yield from (
            value for name, value in found.items() if plain(name) in _INNER and isinstance(value, dict)
        )


def bad_code(found: dict[str, Any]) -> int | str | None:
    """Return the code of the object that stands for an error, or None."""
    fields = {plain(name): value for name, value in found.items()}
    return next((code for name in _CODES if (code := _bad(name, fields.get(name))) is not None), None)


def code_in_words(found: object) -> str:
    """Return the first code with a digit that is no HTTP status: other codes are words or say nothing new."""
    codes = (str(code) for layer in layers(found) if (code := bad_code(layer)) is not None)
    return next((code for code in codes if _is_telling(code)), "")


def _bad(name: str, code: object) -> int | str | None:
    if isinstance(code, bool) or not isinstance(code, int | str):
        return None
    text = str(code).strip()
    if name == "status" and not text.isdecimal():
        # Answers have a status as well: in_progress, queued, incomplete.
        return text if text.lower() in _FAILED else None
    is_fine = text.lower() in _FINE or not text.strip("0") or (len(text) == 3 and text.startswith("2"))
    return None if is_fine else code


def _is_telling(code: str) -> bool:
    is_status = code.isdecimal() and len(code) == 3
    return any(map(str.isdecimal, code)) and not is_status and len(code) <= _LONGEST_CODE


def _is_said(error: object) -> bool:
    """Return whether the value of ``error`` says anything: some servers send it empty with every chunk."""
    if not isinstance(error, dict):
        return bool(error)
    said = (value for value in error.values() if value)
    return any(
        isinstance(value, dict | list) or _bad("", value) is not None or value is True for value in said
    )
