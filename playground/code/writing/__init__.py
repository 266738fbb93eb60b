"""Programs that send a request: one for each form that people ask for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from playground.code.writing.curl import write_curl
from playground.code.writing.js_fetch import write_js_fetch
from playground.code.writing.js_openai import write_js_openai
from playground.code.writing.python_httpx import write_python_httpx
from playground.code.writing.python_openai import write_python_openai

if TYPE_CHECKING:
    from playground.code.request import CodeRequest
    from playground.code.writing.code import Code

WRITERS = (write_curl, write_python_httpx, write_python_openai, write_js_fetch, write_js_openai)


def write_code(request: CodeRequest) -> tuple[Code, ...]:
    """Write the request in every form, with the same JSON in each."""
    return tuple(write(request) for write in WRITERS)
