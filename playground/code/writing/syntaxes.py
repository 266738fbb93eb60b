"""The literals of JSON, of Python and of JavaScript."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from playground.code.writing.escapes import json_string, python_string, without_hidden

if TYPE_CHECKING:
    from playground.code.writing.layout import FromFile

# Shorter texts stay on one line, with escapes for their line ends.
_LONG_FROM = 60
# An identifier of JavaScript. In an object literal, __proto__ would set the prototype.
_NAME = re.compile(r"(?!__proto__$)[A-Za-z_$][\w$]*", re.ASCII)


class JsonSyntax:
    indent, brace_space, last_comma = "  ", "", ""
    null, true, false = "null", "true", "false"
    deepest = 1_000

    def string(self, text: str) -> str:
        return json_string(text)

    def is_long(self, text: str) -> bool:
        return False

    def long_string(self, text: str, indent: str) -> str:
        return self.string(text)

    def key(self, name: str) -> str:
        return json_string(name)

    def from_file(self, value: FromFile) -> str:
        raise TypeError("JSON reads no files.")

    def deep(self, value: Any) -> str:
        return without_hidden(json.dumps(value, ensure_ascii=False))


class PythonSyntax(JsonSyntax):
    indent, brace_space, last_comma = "    ", "", ","
    null, true, false = "None", "True", "False"
    # Python's parser allows 200 open brackets.
    deepest = 60

    def string(self, text: str) -> str:
        return python_string(text)

    def is_long(self, text: str) -> bool:
        return len(text) >= _LONG_FROM and "\n" in text.rstrip("\n")

    def long_string(self, text: str, indent: str) -> str:
        lines = re.findall(r"[^\n]*\n|[^\n]+$", text)
        inside = f"\n{indent}".join(python_string(line) for line in lines)
        return f"(\n{indent}{inside}\n{indent[: -len(self.indent)]})"

    def key(self, name: str) -> str:
        return python_string(name)

    def from_file(self, value: FromFile) -> str:
        return f'f"{value.prefix}{{{value.variable}}}"' if value.prefix else value.variable

    def deep(self, value: Any) -> str:
        return f"json.loads({python_string(json.dumps(value, ensure_ascii=False))})"


class JavaScriptSyntax(JsonSyntax):
    brace_space, last_comma = " ", ","

    def is_long(self, text: str) -> bool:
        return len(text) >= _LONG_FROM and "\n" in text.rstrip("\n")

    def long_string(self, text: str, indent: str) -> str:
        return f"`{in_template(text)}`"

    def key(self, name: str) -> str:
        if _NAME.fullmatch(name):
            return name
        return f"[{json_string(name)}]" if name == "__proto__" else json_string(name)

    def from_file(self, value: FromFile) -> str:
        return f"`{value.prefix}${{{value.variable}}}`" if value.prefix else value.variable


def in_template(text: str) -> str:
    """Escape ``text`` for the inside of a template literal of JavaScript.

    >>> in_template("`a` ${b}")
    '\\\\`a\\\\` \\\\${b}'
    """
    plain = text.replace("\\", "\\\\").replace("`", "\\`").replace("${", "\\${")
    # A template keeps its line ends as they are, apart from those with a carriage return.
    return "\n".join(without_hidden(line) for line in plain.split("\n"))


JSON, PYTHON, JAVASCRIPT = JsonSyntax(), PythonSyntax(), JavaScriptSyntax()
