from __future__ import annotations

from typing import TYPE_CHECKING

from playground.code.writing.code import Code
from playground.code.writing.escapes import json_string
from playground.code.writing.files import body_with_files
from playground.code.writing.javascript import TOO_LARGE, body_as_text, is_exact, object_of, reads_of
from playground.code.writing.syntaxes import JAVASCRIPT

if TYPE_CHECKING:
    from playground.code.request import CodeRequest

_WHOLE = "console.log(await response.json());\n"
_STREAM = """for await (const text of response.body.pipeThrough(new TextDecoderStream())) {
  process.stdout.write(text);
}
"""


def write_js_fetch(request: CodeRequest) -> Code:
    body = body_with_files(request)
    imports, reads = reads_of(request)
    headers = [f"{JAVASCRIPT.key(name)}: {json_string(value)}" for name, value in request.headers.items()]
    if request.key_variable:
        headers.insert(0, f"Authorization: `Bearer ${{process.env.{request.key_variable}}}`")
    headers.append('"Content-Type": "application/json"')
    exact = is_exact(body)
    written = f"JSON.stringify({object_of(body, 1)})" if exact else body_as_text(body)
    lines = "".join(f"    {header},\n" for header in headers)
    text = (
        f"{imports}\n" * bool(imports)
        + reads
        + TOO_LARGE * (not exact)
        + f"const response = await fetch({json_string(request.url)}, {{\n"
        + f'  method: "POST",\n  headers: {{\n{lines}  }},\n  body: {written},\n}});\n'
        + "if (!response.ok) throw new Error(await response.text());\n"
        + (_STREAM if request.is_streamed else _WHOLE)
    )
    return Code("js-fetch", "JavaScript, fetch", "request.mjs", "javascript", text)
