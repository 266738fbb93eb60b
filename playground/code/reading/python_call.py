from __future__ import annotations

import ast
import re
import textwrap
import warnings
from typing import Any

from playground.code.reading.json_body import read_json
from playground.code.reading.paste import Call, PasteRefused
from playground.code.reading.python_values import PythonValues

# The methods of SDKs, with the kinds of endpoints that they call.
METHODS = {
    "completions.create": "chat/completions",
    "completions.stream": "chat/completions",
    "completions.parse": "chat/completions",
    "ChatCompletion.create": "chat/completions",
    "litellm.completion": "chat/completions",
    "litellm.acompletion": "chat/completions",
    "responses.create": "responses",
    "responses.stream": "responses",
    "responses.parse": "responses",
    "messages.create": "messages",
    "messages.stream": "messages",
}
# The addresses of the SDKs' own providers.
OPENAI, ANTHROPIC = "https://api.openai.com/v1", "https://api.anthropic.com/v1"
_NOT_SENT = {"extra_body", "extra_headers", "extra_query", "timeout", "api_key", "api_base", "base_url"}
# More values than a request has; a tree of them takes a kilobyte each.
_MOST_VALUES = 150_000


def read_python(text: str) -> Call:
    """Read the first call of an SDK or of an HTTP client in a program, from its literals alone.

    :raises PasteRefused: it is no Python, or has no such call, or computes what it sends.
    """
    tree = _parsed(text)
    assigned = {
        target.id: node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    values = PythonValues(assigned)
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    calls.sort(key=lambda node: (node.lineno, node.col_offset))
    base_url = _base_url(tree, values)
    for call in calls:
        function = call.func
        if not isinstance(function, ast.Attribute):
            continue
        if found := (
            _from_sdk(call, function, values, base_url) or _from_client(call, function, values, base_url)
        ):
            return found
    raise PasteRefused(
        "This program has no call that the playground knows, such as client.chat.completions.create(…)."
    )


def _parsed(text: str) -> ast.Module:
    if sum(map(text.count, ",+[{(")) > _MOST_VALUES:
        raise PasteRefused("This program has too many values to be read. Paste the JSON body instead.")
    text = (
        re.sub(r"^(?:>>>|\.\.\.) ?", "", text, flags=re.MULTILINE)
        if text.lstrip().startswith(">>>")
        else text
    )
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(textwrap.dedent(text))
    except SyntaxError as error:
        raise PasteRefused("This is not valid Python.", error.lineno or 0, error.offset or 0) from None
    except (ValueError, RecursionError, MemoryError):
        raise PasteRefused("This program is nested too deeply, or has invalid characters.") from None


def _named(call: ast.Call, values: PythonValues, *, without: frozenset[str] = frozenset()) -> dict[str, Any]:
    found = dict[str, Any]()
    for keyword in call.keywords:
        if keyword.arg is None:
            found |= _object(values.value(keyword.value), keyword.value)
        elif keyword.arg not in without:
            found[keyword.arg] = values.value(keyword.value)
    return found


def _object(value: Any, node: ast.expr) -> dict[str, Any]:
    if isinstance(value, str):
        value = read_json(value, node.lineno)
    if not isinstance(value, dict):
        raise PasteRefused("The body has to be an object.", node.lineno, node.col_offset + 1)
    return value


def _from_sdk(call: ast.Call, function: ast.Attribute, values: PythonValues, base_url: str) -> Call | None:
    owner, method = function.value, function.attr
    name = owner.attr if isinstance(owner, ast.Attribute) else owner.id if isinstance(owner, ast.Name) else ""
    kind = METHODS.get(f"{name}.{method}", "")
    # In JavaScript, the one argument is an object.
    if not kind or call.args:
        return None
    names = _header_names(call, "extra_headers")
    body = _named(call, values, without=frozenset(_NOT_SENT))
    for keyword in call.keywords:
        if keyword.arg == "extra_body":
            body |= _object(values.value(keyword.value), keyword.value)
    if method == "stream":
        body["stream"] = True
    return Call(body, url=f"{base_url}/{kind}" if base_url else "", kind=kind, header_names=names)


def _from_client(call: ast.Call, function: ast.Attribute, values: PythonValues, base_url: str) -> Call | None:
    """Read ``client.post(address, json=…)``, and its relatives in httpx, requests and openai."""
    arguments = {keyword.arg: keyword.value for keyword in call.keywords if keyword.arg}
    positional = list(call.args)
    if function.attr in ("request", "stream") and len(positional) > 1:
        positional = positional[1:]
    elif function.attr != "post":
        return None
    address = positional[0] if positional else arguments.get("url")
    sent = next((arguments[name] for name in ("json", "body", "data", "content") if name in arguments), None)
    if sent is None and len(positional) > 1:
        sent = positional[1]
    if address is None or sent is None:
        return None
    url, body = str(values.value(address)), _object(values.value(sent), sent)
    if "stream_cls" in arguments:
        body = {**body, "stream": True}
    names = _header_names(call, "headers") + _header_names(call, "options")
    is_path = not url.startswith(("http:", "https:"))
    return Call(body, url=f"{base_url}/{url.strip('/')}" if is_path else url, header_names=names)


def _header_names(call: ast.Call, argument: str) -> tuple[str, ...]:
    found = (keyword.value for keyword in call.keywords if keyword.arg == argument)
    keys = (
        node
        for value in found
        for each in ast.walk(value)
        if isinstance(each, ast.Dict)
        for node in each.keys
    )
    return tuple(
        key.value.lower() for key in keys if isinstance(key, ast.Constant) and isinstance(key.value, str)
    )


def _base_url(tree: ast.Module, values: PythonValues) -> str:
    """Return the address that a client of the program is made with, else that of the SDK's provider."""
    default = ""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        is_anthropic = "Anthropic" in name
        for keyword in node.keywords:
            if keyword.arg in ("base_url", "api_base"):
                url = str(values.value(keyword.value)).rstrip("/")
                return f"{url}/v1" if is_anthropic and not url.endswith("/v1") else url
        if name in ("OpenAI", "AsyncOpenAI"):
            default = default or OPENAI
        elif is_anthropic:
            default = default or ANTHROPIC
    return default
