from __future__ import annotations

from typing import TYPE_CHECKING

from playground.code.writing.code import Code
from playground.code.writing.escapes import json_string
from playground.code.writing.files import body_with_files
from playground.code.writing.javascript import TOO_LARGE, body_as_text, is_exact, object_of, reads_of
from playground.code.writing.openai_calls import CALLS, CHAT

if TYPE_CHECKING:
    from playground.code.request import CodeRequest, Json
    from playground.code.writing.openai_calls import SdkCall

_CHAT_STREAM = """for await (const chunk of stream) {
  process.stdout.write(chunk.choices[0]?.delta?.content ?? "");
}
"""
_RESPONSES_STREAM = """for await (const event of stream) {
  if (event.type === "response.output_text.delta") process.stdout.write(event.delta);
}
"""
_OTHER_STREAM = """for await (const event of stream) {
  console.log(event);
}
"""


def write_js_openai(request: CodeRequest) -> Code:
    body = body_with_files(request)
    imports, reads = reads_of(request)
    key = f"process.env.{request.key_variable}" if request.key_variable else '"none"'
    exact = is_exact(body)
    sdk_call = CALLS.get(request.kind) if exact else None
    text = (
        f'import OpenAI from "openai";\n{imports}\n'
        + f"const client = new OpenAI({{\n  baseURL: {json_string(request.base_url)},\n"
        + f"  apiKey: {key},\n}});\n\n"
        + reads
        + TOO_LARGE * (not exact)
        + (_create(request, body, sdk_call) if sdk_call else _post(request, body))
    )
    return Code("js-openai", "JavaScript, openai", "request.mjs", "javascript", text)


def _create(request: CodeRequest, body: Json, sdk_call: SdkCall) -> str:
    options = f", {object_of({'headers': dict(request.headers)}, 0)}" if request.headers else ""
    called = f"await client.{sdk_call.method}({object_of(body, 0)}{options});\n"
    if not request.is_streamed:
        return f"const {sdk_call.answer} = {called}console.log({sdk_call.text});\n"
    reading = _CHAT_STREAM if sdk_call is CHAT else _RESPONSES_STREAM
    return f"const stream = {called}{reading}"


def _post(request: CodeRequest, body: Json) -> str:
    """Return a call for which the SDK has no method, or with a body that it would not keep exact."""
    headers = dict(request.headers)
    if is_exact(body):
        written = object_of(body, 1)
    else:
        headers["Content-Type"], written = "application/json", body_as_text(body)
    options = [f"body: {written}"]
    if headers:
        options.append(f"headers: {object_of(headers, 1)}")
    if request.is_streamed:
        options.append("stream: true")
    lines = "".join(f"  {option},\n" for option in options)
    called = f"await client.post({json_string(f'/{request.kind}')}, {{\n{lines}}});\n"
    if request.is_streamed:
        return f"const stream = {called}{_OTHER_STREAM}"
    return f"const answer = {called}console.log(answer);\n"
