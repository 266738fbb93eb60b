"""Requests that written code has to send exactly: hostile texts, numbers, files, tools and schemas."""

from __future__ import annotations

import base64
import copy
import json
import random
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from playground.code.request import CodeRequest, FileUse

if TYPE_CHECKING:
    from collections.abc import Iterator

Json = dict[str, Any]
VERSION = {"anthropic-version": "2023-06-01"}
KINDS = ("chat/completions", "responses", "messages")

TEXTS = (
    "Hello",
    "",
    " ",
    "it's a 'quoted' \"text\" with `backticks`",
    "'",
    '"',
    "`",
    "\\",
    "\\'",
    "'\\''",
    '"""',
    "'''",
    "$HOME ${HOME} $(whoami) `whoami` $1 $$ !!",
    "${process.env.SECRET}",
    "{braces} {{double}} %s %(x)s {0}",
    "line one\nline two\n",
    "\n",
    "\r\n mixed \r ends \n\r",
    "tab\tbell\x07 backspace\x08 escape\x1b delete\x7f form\x0c",
    "ends with a backslash\\",
    "ends in a line and a backslash\\\n",
    "a long text with several lines, which is written on several lines\nwith `ticks`, ${x} and \\n\n\nend",
    "a long text with several lines, the second of them with JSON\nJSON\nJSON_\nEOF\n'",
    "separators \u2028 and \u2029 and \x85",
    "emoji 🙂 👩‍👩‍👧 🏴\U000e0067\U000e0062\U000e007f flags",
    "العربية עברית 汉字 ไทย",
    "bidi \u202e evil \u2066 \u200f and a mark \ufeff",
    "é and e\u0301 are two",
    "\ue000 private \U0010fffd",
    "</script><script>alert(1)</script><!--",
    "<![CDATA[ & &amp; ]]>",
    "\\u0041 \\x41 \\101 \\N{DASH} \\\n continued",
    "# no comment // no comment /* no comment */",
    "@file.json",
    "-d '{\"a\": 1}'",
    "%0A%00&a=b?c#d",
    '^caret^ %PATH% ^& ^"',
    "a" * 1_000,
    "long words with spaces " * 100,
    "🙂\n" * 50,
)
NUMBERS = (
    0, -1, 1, 0.5, 1.0, -0.25, 1e-7, 1e300, 5e-324, 1.7976931348623157e308, 0.1, 123456789.125,
    2**31, 2**53 - 1, 2**53, 2**53 + 1, -(2**53) - 1, 2**63 - 1, -(2**63), 2**64, 10**30,
)  # fmt: skip
WEATHER = {
    "type": "object",
    "properties": {
        "city": {"type": "string", "description": "A city's name", "enum": ["Zürich", "São Paulo", "it's"]},
        "days": {"type": "integer", "minimum": 1, "maximum": 14, "default": None},
    },
    "required": ["city"],
    "additionalProperties": False,
}
ODD_KEYS = {
    "__proto__": {"polluted": True},
    "constructor": 1,
    "a": 1,
    "A": 2,
    "a ": 3,
    "é": 4,
    "e\u0301": 5,
    "": 6,
    "1": 7,
    "01": 8,
    "it's": 9,
    'say "hi"': 10,
    "class": 11,
    "a-b": 12,
    "$x": 13,
    "`": 14,
    "\u2028": 15,
    "None": None,
    "true": False,
    "line\nend": [],
}
PICTURE = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


@dataclass(frozen=True)
class Case:
    """``base`` is filled into the request's address by :meth:`at`. ``sent`` is the body with its files."""

    kind: str
    body: Json = field(repr=False)
    sent: Json = field(repr=False)
    uses: tuple[FileUse, ...] = ()
    files: dict[str, bytes] = field(default_factory=dict, repr=False)

    def at(self, base_url: str, key: str = "AIMLAPI_API_KEY") -> CodeRequest:
        headers = VERSION if self.kind == "messages" else {}
        return CodeRequest(base_url, self.kind, copy.deepcopy(self.body), headers, key, self.uses)


def corpus() -> list[Case]:
    """Return the cases in a fixed order."""
    return [_case(kind, body) for kind in KINDS for body in _bodies(kind)] + list(_with_files())


def same(found: Any, expected: Any) -> bool:
    """Compare as JSON does: True is not 1, whereas 1.0 is, and the order of names does not count."""
    if isinstance(expected, dict) and isinstance(found, dict):
        return found.keys() == expected.keys() and all(same(found[n], expected[n]) for n in expected)
    if isinstance(expected, list) and isinstance(found, list):
        return len(found) == len(expected) and all(map(same, found, expected))
    if isinstance(expected, bool) or isinstance(found, bool):
        return found is expected
    return bool(found == expected)


def _case(kind: str, body: Json) -> Case:
    return Case(kind, body, body)


def _asked(kind: str, text: str, **more: Any) -> Json:
    """Return a body with one prompt."""
    if kind == "responses":
        return {"model": "demo/echo", "input": text, **more}
    length = {"max_tokens": 100} if kind == "messages" else {}
    return {"model": "demo/echo", "messages": [{"role": "user", "content": text}], **length, **more}


def _bodies(kind: str) -> Iterator[Json]:
    place = {"chat/completions": "user", "responses": "instructions", "messages": "system"}[kind]
    for number, text in enumerate(TEXTS):
        more = {} if number % 3 == 0 else {"stream": number % 3 == 1}
        yield _asked(kind, text, **{place: text}, **more)
    for start in range(0, len(NUMBERS), 3):
        a, b, c = NUMBERS[start : start + 3]
        yield _asked(kind, "Numbers", temperature=a, top_p=b, seed=c, stream=bool(start % 2))
    yield _asked(kind, "Odd keys", metadata=ODD_KEYS, stream=False)
    yield _asked(kind, "Odd parameters", **{name or "empty": value for name, value in ODD_KEYS.items()})
    yield _asked(kind, "Null", temperature=None, stop=[], tools=[], metadata={}, user=None, stream=None)
    yield _asked(kind, "Nested", extra=_nested(120))
    yield _asked(kind, "Extra", top_k=40, min_p=0.05, provider={"order": ["a", "b"]}, stream=True)
    yield _asked(kind, "Code\n" * 14_000, stream=True)
    yield from (_history(kind, streams) for streams in (True, False))
    yield from (_random(kind, seed) for seed in range(12))


def _nested(depth: int) -> Any:
    value: Any = {"deepest": [1, "it's", None, True]}
    for level in range(depth):
        value = [value] if level % 2 else {"in": value}
    return value


def _history(kind: str, streams: bool) -> Json:
    """Return a conversation with a call of a tool, its result and an output schema."""
    arguments = json.dumps({"city": "Zürich", "note": 'it\'s\n"nice"'}, ensure_ascii=False)
    if kind == "messages":
        return _history_of_messages(streams)
    return (_history_of_chat if kind == "chat/completions" else _history_of_responses)(arguments, streams)


def _history_of_chat(arguments: str, streams: bool) -> Json:
    return {
        "model": "demo/tools",
        "messages": [
            {
                "role": "system",
                "content": "You are terse.\nYou never use the letter “e”, if it's avoidable at all.",
            },
            {"role": "user", "content": [{"type": "text", "text": "Weather?"}]},
            {
                "role": "assistant",
                "content": None,
                "tool_calls": [
                    {
                        "id": "c1",
                        "type": "function",
                        "function": {"name": "weather", "arguments": arguments},
                    }
                ],
            },
            {"role": "tool", "tool_call_id": "c1", "content": '{"sky": "clear"}'},
            {"role": "assistant", "content": "Clear."},
            {"role": "user", "content": "And tomorrow?"},
        ],
        "tools": [{"type": "function", "function": {"name": "weather", "parameters": WEATHER}}],
        "tool_choice": {"type": "function", "function": {"name": "weather"}},
        "response_format": {
            "type": "json_schema",
            "json_schema": {"name": "w", "strict": True, "schema": WEATHER},
        },
        "stream": streams,
        **({"stream_options": {"include_usage": True}} if streams else {}),
    }


def _history_of_responses(arguments: str, streams: bool) -> Json:
    return {
        "model": "demo/tools",
        "input": [
            {"role": "user", "content": [{"type": "input_text", "text": "Weather?"}]},
            {"type": "function_call", "call_id": "c1", "name": "weather", "arguments": arguments},
            {"type": "function_call_output", "call_id": "c1", "output": '{"sky": "clear"}'},
            {"role": "assistant", "content": [{"type": "output_text", "text": "Clear."}]},
            {"role": "user", "content": "And tomorrow?"},
        ],
        "instructions": "You are terse.",
        "tools": [{"type": "function", "name": "weather", "parameters": WEATHER, "strict": True}],
        "text": {"format": {"type": "json_schema", "name": "w", "schema": WEATHER}},
        "reasoning": {"effort": "low"},
        "stream": streams,
    }


def _history_of_messages(streams: bool) -> Json:
    return {
        "model": "demo/tools",
        "max_tokens": 2_000,
        "system": [{"type": "text", "text": "You are terse.", "cache_control": {"type": "ephemeral"}}],
        "messages": [
            {"role": "user", "content": "Weather?"},
            {
                "role": "assistant",
                "content": [{"type": "tool_use", "id": "c1", "name": "weather", "input": {"city": "Zürich"}}],
            },
            {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "c1", "content": "clear"}]},
            {"role": "assistant", "content": "Clear."},
            {"role": "user", "content": "And tomorrow?"},
        ],
        "tools": [{"name": "weather", "input_schema": WEATHER}],
        "thinking": {"type": "enabled", "budget_tokens": 1_024},
        "stream": streams,
    }


def _random(kind: str, seed: int) -> Json:
    """Return a body with values of every type in random places, the same for each seed."""
    dice = random.Random(f"{kind} {seed}")

    def value(depth: int) -> Any:
        choice = dice.randrange(7 if depth else 5)
        if choice == 0:
            return dice.choice((None, True, False))
        if choice == 1:
            return dice.choice(NUMBERS)
        if choice <= 4:
            return text()
        if choice == 5:
            return [value(depth - 1) for _ in range(dice.randrange(5))]
        return {text()[:20]: value(depth - 1) for _ in range(dice.randrange(5))}

    def text() -> str:
        return "".join(dice.choice(TEXTS)[:40] for _ in range(dice.randrange(1, 4)))

    turns = [{"role": "user" if place % 2 == 0 else "assistant", "content": text()} for place in range(5)]
    transcript = {"input" if kind == "responses" else "messages": turns}
    length = {"max_tokens": 5} if kind == "messages" else {}
    more = {f"extra_{number}": value(4) for number in range(4)}
    return {
        "model": "demo/echo",
        **transcript,
        **length,
        "metadata": value(3),
        **more,
        "stream": bool(seed % 2),
    }


def _with_files() -> Iterator[Case]:
    dice = random.Random("files")
    for number, name in enumerate(("photo.png", "it-s-2.pdf", "voice.wav")):
        data = PICTURE if number == 0 else dice.randbytes(3_000 * 10**number)
        for kind in KINDS:
            for streams in (True, False):
                yield _file_case(kind, name, data, streams)
    # A file that JavaScript has to put into a text.
    yield _file_case("chat/completions", "photo.png", PICTURE, False, seed=2**60 + 1)


def _file_case(kind: str, name: str, data: bytes, streams: bool, **more: Any) -> Case:
    encoded = base64.b64encode(data).decode()
    text = "What's `this`, for $5?"
    url = f"data:image/png;base64,{encoded}"
    if kind == "messages":
        source = {"type": "base64", "media_type": "image/png", "data": encoded}
        parts: list[Json] = [{"type": "image", "source": source}, {"type": "text", "text": text}]
        path: tuple[str | int, ...] = ("messages", 0, "content", 0, "source", "data")
    elif kind == "responses":
        parts = [{"type": "input_image", "image_url": url}, {"type": "input_text", "text": text}]
        path = ("input", 0, "content", 0, "image_url")
    else:
        parts = [{"type": "text", "text": text}, {"type": "image_url", "image_url": {"url": url}}]
        path = ("messages", 0, "content", 1, "image_url", "url")
    name_of = "input" if kind == "responses" else "messages"
    sent = {
        "model": "demo/vision",
        name_of: [{"role": "user", "content": parts}],
        **({"max_tokens": 9} if kind == "messages" else {}),
        "stream": streams,
        **more,
    }
    body = copy.deepcopy(sent)
    place: Any = body
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = f"playground-file:{name}"
    use = FileUse(path, name, "" if kind == "messages" else "image/png")
    return Case(kind, body, sent, (use,), {name: data})
