from __future__ import annotations

from typing import TYPE_CHECKING

from playground.code.writing.code import Code
from playground.code.writing.escapes import python_string
from playground.code.writing.files import body_with_files
from playground.code.writing.python import argument, assembled, call

if TYPE_CHECKING:
    from playground.code.request import CodeRequest

_WHOLE = """response = {call}
response.raise_for_status()
print(response.json())"""

_STREAM = """with {call} as response:
    response.raise_for_status()
    for line in response.iter_lines():
        print(line)"""


def write_python_httpx(request: CodeRequest) -> Code:
    url = python_string(request.url)
    streams = request.is_streamed
    arguments = [argument("json", body_with_files(request)), "timeout=600"]
    if headers := _headers(request):
        arguments.insert(0, headers)
    written = (
        call("httpx.stream", ['"POST"', url], {}, *arguments)
        if streams
        else call("httpx.post", [url], {}, *arguments)
    )
    template = _STREAM if streams else _WHOLE
    text = assembled(request, "import httpx", template.replace("{call}", written))
    return Code("python-httpx", "Python, httpx", "request.py", "python", text)


def _headers(request: CodeRequest) -> str:
    """Return the argument with the headers; httpx sets that of the type itself."""
    items = [f"{python_string(name)}: {python_string(value)}" for name, value in request.headers.items()]
    if request.key_variable:
        items.insert(0, f'"Authorization": f"Bearer {{os.environ[\'{request.key_variable}\']}}"')
    if not items:
        return ""
    if len(items) == 1:
        return f"headers={{{items[0]}}}"
    return "headers={\n" + "".join(f"        {item},\n" for item in items) + "    }"
