"""Parts that all programs in Python have."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from playground.code.writing.escapes import python_string
from playground.code.writing.files import variables_of
from playground.code.writing.layout import laid_out
from playground.code.writing.syntaxes import PYTHON

if TYPE_CHECKING:
    from collections.abc import Mapping

    from playground.code.request import CodeRequest


def call(function: str, positional: list[str], named: Mapping[str, Any], *more: str) -> str:
    """Return a call with an argument on each line; ``more`` are arguments as they are."""
    arguments = [*positional, *(argument(name, value) for name, value in named.items()), *more]
    return f"{function}(\n" + "".join(f"    {each},\n" for each in arguments) + ")"


def argument(name: str, value: Any) -> str:
    """Return a named argument of a call that begins at the margin."""
    return f"{name}={laid_out(value, PYTHON, 1, len(name) + 1)}"


def assembled(request: CodeRequest, package: str, code: str) -> str:
    """Put the imports and the files that are read above ``code``, which uses them."""
    files = variables_of(request)
    standard = [
        *(["import base64"] if files else []),
        *(["import json"] if "json.loads(" in code else []),
        *(["import os"] if request.key_variable else []),
        *(["from pathlib import Path"] if files else []),
    ]
    reads = [
        f"{variable} = base64.b64encode(Path({python_string(name)}).read_bytes()).decode()"
        for name, variable in files.items()
    ]
    parts = ["\n".join(standard), package, "\n".join(reads), code]
    return "\n\n".join(part for part in parts if part) + "\n"


def key_of(request: CodeRequest) -> str:
    """Return the expression for the key. The SDKs refuse to start without one."""
    return f'os.environ["{request.key_variable}"]' if request.key_variable else '"none"'
