"""Parts that both programs in JavaScript have."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from playground.code.writing.escapes import json_string
from playground.code.writing.files import variables_of
from playground.code.writing.layout import laid_out
from playground.code.writing.syntaxes import JAVASCRIPT, JsonSyntax, in_template

if TYPE_CHECKING:
    from playground.code.request import CodeRequest, Json
    from playground.code.writing.layout import FromFile

# Above this, JavaScript does not tell a whole number from the next one.
_LARGEST = 2**53 - 1
TOO_LARGE = "// A number of this body is too large for JavaScript, so the body is written as text.\n"


def is_exact(value: Any) -> bool:
    """Return whether JavaScript keeps all numbers in ``value`` as they are."""
    if isinstance(value, dict):
        return all(map(is_exact, value.values()))
    if isinstance(value, list):
        return all(map(is_exact, value))
    return not isinstance(value, int) or abs(value) <= _LARGEST


def body_as_text(body: Json) -> str:
    """Return a template literal that holds the body as JSON."""
    return f"`{laid_out(body, _JSON_IN_TEMPLATE)}`"


class _JsonInTemplateSyntax(JsonSyntax):
    """JSON in a template literal, which has the variables of files in it."""

    def string(self, text: str) -> str:
        return in_template(super().string(text))

    def key(self, name: str) -> str:
        return self.string(name)

    def from_file(self, value: FromFile) -> str:
        return f'"{value.prefix}${{{value.variable}}}"'


_JSON_IN_TEMPLATE = _JsonInTemplateSyntax()


def object_of(value: Any, level: int) -> str:
    return laid_out(value, JAVASCRIPT, level)


def reads_of(request: CodeRequest) -> tuple[str, str]:
    """Return the import for files and the lines that read them, both empty if there are none."""
    lines = [
        f'const {variable} = await readFile({json_string(name)}, "base64");\n'
        for name, variable in variables_of(request).items()
    ]
    if not lines:
        return "", ""
    return 'import { readFile } from "node:fs/promises";\n', "".join(lines) + "\n"
