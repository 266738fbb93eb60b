from __future__ import annotations

from typing import Any

from playground.code.reading.javascript_values import Computed, JavaScriptValues
from playground.code.reading.json_body import read_json
from playground.code.reading.paste import Call, PasteRefused
from playground.code.reading.python_call import ANTHROPIC, METHODS, OPENAI

# Functions that send a request to an address.
_CLIENTS = {"fetch": "body", "post": "body", "axios": "data", "request": "body"}


def read_javascript(text: str) -> Call:
    """Read the first call of an SDK or of fetch in a program, from its literals alone.

    :raises PasteRefused: it has no such call, or computes what it sends.
    """
    values = JavaScriptValues(text)
    base_url = _base_url(values)
    tokens = values.tokens
    for place in range(1, len(tokens)):
        if tokens[place].text != "(" or tokens[place].kind != "mark" or tokens[place - 1].kind != "name":
            continue
        name = tokens[place - 1].text
        owner = tokens[place - 3].text if place > 2 and tokens[place - 2].text == "." else ""
        if kind := METHODS.get(f"{owner}.{name}", ""):
            return _from_sdk(values, place, kind, base_url, is_streamed=name == "stream")
        if name in _CLIENTS and (found := _from_client(values, place, _CLIENTS[name], base_url)):
            return found
    raise PasteRefused(
        "This program has no call that the playground knows, such as fetch(…) or"
        " client.chat.completions.create(…)."
    )


def _arguments(values: JavaScriptValues, place: int) -> list[Any]:
    """Return the values of the arguments after an opening bracket."""
    found = list[Any]()
    place += 1
    while values.tokens[place].kind != "end" and values.tokens[place].text != ")":
        found.append(values.value_at(place))
        place = values.skip(place)
        place += values.tokens[place].text == ","
        if values.tokens[place].text in ("]", "}", ";"):
            break
    return found


def _from_sdk(values: JavaScriptValues, place: int, kind: str, base_url: str, *, is_streamed: bool) -> Call:
    arguments = _arguments(values, place)
    body = _body(values, arguments[0] if arguments else None, place)
    if is_streamed:
        body["stream"] = True
    names = _header_names(arguments[1]) if len(arguments) > 1 else ()
    return Call(body, url=f"{base_url}/{kind}" if base_url else "", kind=kind, header_names=names)


def _from_client(values: JavaScriptValues, place: int, holder: str, base_url: str) -> Call | None:
    arguments = _arguments(values, place)
    if len(arguments) < 2 or not isinstance(arguments[0], str):
        return None
    url, options = arguments[0], arguments[1]
    sent = options
    if isinstance(options, dict) and ("messages" not in options and "input" not in options):
        if holder not in options:
            return None
        sent = options[holder]
    body = _body(values, sent, place)
    if isinstance(options, dict) and options.get("stream") is True:
        body["stream"] = True
    is_path = not url.startswith(("http:", "https:"))
    names = tuple(name for each in arguments[1:] for name in _header_names(each))
    return Call(body, url=f"{base_url}/{url.strip('/')}" if is_path else url, header_names=names)


def _body(values: JavaScriptValues, value: Any, place: int) -> dict[str, Any]:
    position = values.tokens[place].position
    found = values.sent(value)
    if isinstance(found, str):
        found = read_json(found, values.text.count("\n", 0, position) + 1)
    if not isinstance(found, dict):
        raise values.refused("The body has to be an object.", position)
    return found


def _header_names(options: Any) -> tuple[str, ...]:
    headers = options.get("headers") if isinstance(options, dict) else None
    return tuple(name.lower() for name in headers) if isinstance(headers, dict) else ()


def _base_url(values: JavaScriptValues) -> str:
    """Return the address that a client of the program is made with, else that of the SDK's provider."""
    default = ""
    tokens = values.tokens
    for place in range(1, len(tokens) - 1):
        if tokens[place - 1].text != "new" or tokens[place + 1].text != "(":
            continue
        name = tokens[place].text
        options = next(iter(_arguments(values, place + 1)), None)
        url = options.get("baseURL") if isinstance(options, dict) else None
        if isinstance(url, Computed):
            continue
        is_anthropic = "Anthropic" in name
        if isinstance(url, str):
            url = url.rstrip("/")
            return f"{url}/v1" if is_anthropic and not url.endswith("/v1") else url
        default = default or (OPENAI if "OpenAI" in name else ANTHROPIC if is_anthropic else "")
    return default
