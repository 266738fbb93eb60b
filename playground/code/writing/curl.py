from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from playground.code.writing.code import Code
from playground.code.writing.files import body_with_files, variables_of
from playground.code.writing.layout import FromFile, laid_out
from playground.code.writing.syntaxes import JSON, JsonSyntax

if TYPE_CHECKING:
    from playground.code.request import CodeRequest

# Linux refuses an argument of 128 KiB.
_LONGEST_ARGUMENT = 60_000


def write_curl(request: CodeRequest) -> Code:
    """Write a command for sh. A long body, or one with files, is its standard input."""
    lines = [f"curl{' --no-buffer' if request.is_streamed else ''} {shlex.quote(request.url)}"]
    if request.key_variable:
        lines.append(f'-H "Authorization: Bearer ${request.key_variable}"')
    headers = {"Content-Type": "application/json", **request.headers}
    lines += [f"-H {_quoted(f'{name}: {value}')}" for name, value in headers.items()]
    reads = [
        f"{variable}=$(base64 < {shlex.quote(name)} | tr -d '\\n')\n"
        for name, variable in variables_of(request).items()
    ]
    body = laid_out(body_with_files(request), SHELL_JSON if reads else JSON)
    if reads or len(body.encode("utf-8", "surrogatepass")) > _LONGEST_ARGUMENT:
        end = _end_beside(body)
        # Only a document whose end is not quoted has variables in it.
        mark = end if reads else f"'{end}'"
        lines.append(f"--data-binary @- <<{mark}\n{body}\n{end}")
    else:
        lines.append(f"-d {_quoted(body)}")
    text = "".join(reads) + " \\\n  ".join(lines) + "\n"
    return Code("curl", "curl", "request.sh", "bash", text)


class _ShellJsonSyntax(JsonSyntax):
    """JSON in a document of the shell that has variables in it."""

    def string(self, text: str) -> str:
        return _escaped(super().string(text))

    def key(self, name: str) -> str:
        return self.string(name)

    def from_file(self, value: FromFile) -> str:
        return f'"{_escaped(value.prefix)}${value.variable}"'


SHELL_JSON = _ShellJsonSyntax()


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("$", "\\$").replace("`", "\\`")


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "'\\''") + "'"


def _end_beside(body: str) -> str:
    """Return a word that is no line of ``body``."""
    end = "JSON"
    lines = set(body.split("\n"))
    while end in lines:
        end += "_"
    return end
