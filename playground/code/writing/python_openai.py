from __future__ import annotations

from typing import TYPE_CHECKING

from playground.code.writing.code import Code
from playground.code.writing.escapes import python_string
from playground.code.writing.files import body_with_files
from playground.code.writing.openai_calls import CALLS, CHAT
from playground.code.writing.python import assembled, call, key_of

if TYPE_CHECKING:
    from playground.code.request import CodeRequest, Json
    from playground.code.writing.openai_calls import SdkCall

_CHAT_STREAM = """for chunk in stream:
    if chunk.choices:
        print(chunk.choices[0].delta.content or "", end="", flush=True)"""

_RESPONSES_STREAM = """for event in stream:
    if event.type == "response.output_text.delta":
        print(event.delta, end="", flush=True)"""

_OTHER_STREAM = """for event in stream:
    print(event)"""


def write_python_openai(request: CodeRequest) -> Code:
    body = body_with_files(request)
    sdk_call = CALLS.get(request.kind)
    if sdk_call is not None and sdk_call.needs <= body.keys():
        code, package = _create(request, body, sdk_call), "from openai import OpenAI"
    else:
        code = _post(request, body)
        package = f"from openai import OpenAI{', Stream' if request.is_streamed else ''}"
    client = call("client = OpenAI", [], {"base_url": request.base_url}, f"api_key={key_of(request)}")
    text = assembled(request, package, f"{client}\n\n{code}")
    return Code("python-openai", "Python, openai", "request.py", "python", text)


def _create(request: CodeRequest, body: Json, sdk_call: SdkCall) -> str:
    named = {name: value for name, value in body.items() if name in sdk_call.known}
    if extra := {name: value for name, value in body.items() if name not in sdk_call.known}:
        named["extra_body"] = extra
    if request.headers:
        named["extra_headers"] = dict(request.headers)
    method = f"client.{sdk_call.method}"
    if not request.is_streamed:
        return f"{call(f'{sdk_call.answer} = {method}', [], named)}\nprint({sdk_call.text})"
    reading = _CHAT_STREAM if sdk_call is CHAT else _RESPONSES_STREAM
    return f"{call(f'stream = {method}', [], named)}\n{reading}"


def _post(request: CodeRequest, body: Json) -> str:
    """Return a call of an endpoint that the SDK has no method for."""
    named: Json = {"body": body}
    if request.headers:
        named["options"] = {"headers": dict(request.headers)}
    path = python_string(f"/{request.kind}")
    if not request.is_streamed:
        return f"{call('answer = client.post', [path, 'cast_to=object'], named)}\nprint(answer)"
    written = call(
        "stream = client.post", [path, "cast_to=object"], named, "stream=True", "stream_cls=Stream[object]"
    )
    return f"{written}\n{_OTHER_STREAM}"
