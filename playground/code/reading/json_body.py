from __future__ import annotations

import json
import math
import re
from typing import Any, NoReturn

from playground.code.reading.paste import PasteRefused

_LOOSE = re.compile(r"^\s*//|/\*|,\s*[}\]]", re.MULTILINE)
_DEEPEST = 200


def read_json(text: str, first_line: int = 1) -> dict[str, Any]:
    """Read a body. ``first_line`` is the line of the paste on which ``text`` begins.

    :raises PasteRefused: it is no JSON, or no object.
    """
    try:
        found = json.loads(text, parse_constant=_refuse_constant)
    except json.JSONDecodeError as error:
        hint = ""
        if _LOOSE.search(text):
            hint = " Comments and commas after the last item are not part of JSON. Remove them."
        elif text[error.pos : error.pos + 1] == "'":
            hint = " JSON has double quotes only."
        message = f"This is not valid JSON: {error.msg[:1].lower()}{error.msg[1:]}.{hint}"
        raise PasteRefused(message, error.lineno + first_line - 1, error.colno) from None
    except RecursionError:
        raise PasteRefused("The JSON is nested too deeply.") from None
    except ValueError:
        raise PasteRefused("A number in the JSON has too many digits.") from None
    if not isinstance(found, dict):
        raise PasteRefused("The body has to be a JSON object: text between { and }.", first_line, 1)
    check_values(found)
    return found


def check_values(value: Any, depth: int = 0) -> None:
    """Refuse values that JSON cannot express, and those that are nested too deeply."""
    if depth > _DEEPEST:
        raise PasteRefused("The body is nested too deeply.")
    if isinstance(value, dict):
        for each in value.values():
            check_values(each, depth + 1)
    elif isinstance(value, list):
        for each in value:
            check_values(each, depth + 1)
    elif isinstance(value, float) and not math.isfinite(value):
        raise PasteRefused("A number in the body is too large.")


def _refuse_constant(name: str) -> NoReturn:
    raise PasteRefused(f"{name} is no value of JSON.")
