"""The words of a shell command: quotes, continued lines, variables and documents."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from playground.code.reading.file_marks import mark
from playground.code.reading.paste import PasteRefused

_ANSI = {
    "n": "\n",
    "t": "\t",
    "r": "\r",
    "b": "\b",
    "f": "\f",
    "a": "\a",
    "v": "\v",
    "e": "\x1b",
    "E": "\x1b",
}
_ANSI_CODE = re.compile(r"x([0-9A-Fa-f]{1,2})|u([0-9A-Fa-f]{1,4})|U([0-9A-Fa-f]{1,8})|([0-7]{1,3})")
_VARIABLE = re.compile(r"\$(?:\{(\w+)\}|([A-Za-z_]\w*))")
_ASSIGNED = re.compile(r"([A-Za-z_]\w*)=(.*)", re.DOTALL)
_DOCUMENT = re.compile(r"<<(-?)[ \t]*(?:'([^'\n]+)'|\"([^\"\n]+)\"|(\\?)([\w.-]+))")
# A file whose base64 a variable holds.
_BASE64 = re.compile(
    r"\$\(\s*base64\b[^)]*?(?:<\s*|\s)(?:'([^']+)'|\"([^\"]+)\"|([\w./-]+))\s*(?:\|[^)]*)?\)"
)
_PLAIN = re.compile(r"[^\s'\"\\$<>|;&`#()]+")
_IN_SINGLE = re.compile(r"[^']*")


@dataclass(slots=True)
class Command:
    """The words of a command; ``document`` is its standard input, on ``document_line`` of the text."""

    words: list[str] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)
    document: str | None = None
    document_line: int = 1


class ShellReader:
    """Reads commands of sh one after another. ``variables`` are those that the text assigns."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.variables: dict[str, str] = {}
        self._pending: list[tuple[Command, re.Match[str]]] = []
        self._command = Command()

    def commands(self) -> list[Command]:
        """Return the commands of the text.

        :raises PasteRefused: a quote or a document has no end.
        """
        found = list[Command]()
        while self.at < len(self.text):
            character = self.text[self.at]
            if character == "\n":
                self.at += 1
                self._end(found)
                self._read_documents()
            elif character in ";&|":
                piped = character == "|" and self.text[self.at + 1 : self.at + 2] != "|"
                self.at += 1
                before = self._command
                self._end(found)
                if piped and before.words:
                    self._pipe(before)
            elif character in " \t\r()":
                self.at += 1
            elif character == "#":
                self.at = self._end_of_line()
            elif self.text.startswith("\\\n", self.at) or self.text.startswith("\\\r\n", self.at):
                self.at = self.text.index("\n", self.at) + 1
            elif document := _DOCUMENT.match(self.text, self.at):
                self._pending.append((self._command, document))
                self.at = document.end()
            elif character in "<>":
                self.at += 1
            else:
                self._word()
        self._end(found)
        self._read_documents()
        return found

    def line(self, position: int) -> int:
        return self.text.count("\n", 0, position) + 1

    def refused(self, message: str, position: int) -> PasteRefused:
        column = position - (self.text.rfind("\n", 0, position) + 1) + 1
        return PasteRefused(message, self.line(position), column)

    def _end_of_line(self) -> int:
        end = self.text.find("\n", self.at)
        return len(self.text) if end < 0 else end

    def _end(self, found: list[Command]) -> None:
        if self._command.words:
            found.append(self._command)
        self._command = Command()

    def _pipe(self, before: Command) -> None:
        """Let the next command read what the one before it writes, as far as that is in the text."""
        self._pending = [
            (self._command if command is before else command, each) for command, each in self._pending
        ]
        if before.words[0] in ("echo", "printf"):
            self._command.document, self._command.document_line = before.words[-1], before.lines[-1]

    def _word(self) -> None:
        start, parts = self.at, list[str]()
        while self.at < len(self.text):
            piece = self._piece()
            if piece is None:
                break
            parts.append(piece)
        word = "".join(parts)
        assigned = _ASSIGNED.fullmatch(word) if not self._command.words else None
        if assigned:
            self.variables[assigned[1]] = assigned[2]
            return
        self._command.words.append(word)
        self._command.lines.append(self.line(start))

    def _piece(self) -> str | None:
        """Return the next piece of a word; None at its end."""
        text, start = self.text, self.at
        character = text[start]
        if plain := _PLAIN.match(text, start):
            self.at = plain.end()
            return plain[0]
        if character == "'":
            end = text.find("'", start + 1)
            if end < 0:
                raise self.refused("This quote has no end.", start)
            self.at = end + 1
            return text[start + 1 : end]
        if character == '"':
            return self._double_quoted()
        if text.startswith("$'", start):
            return self._ansi_quoted()
        if character == "\\":
            self.at += 2
            following = text[start + 1 : start + 2]
            return "" if following == "\n" else following
        if character == "$":
            return self._dollar()
        if character in "#`":
            self.at += 1
            return character
        return None

    def _dollar(self) -> str:
        if file := _BASE64.match(self.text, self.at):
            self.at = file.end()
            return mark(file[1] or file[2] or file[3])
        if variable := _VARIABLE.match(self.text, self.at):
            self.at = variable.end()
            return self._value(variable)
        self.at += 1
        return "$"

    def _value(self, variable: re.Match[str]) -> str:
        # A variable that the text does not assign stays as it is.
        return self.variables.get(variable[1] or variable[2], variable[0])

    def _double_quoted(self) -> str:
        start, parts = self.at, list[str]()
        self.at += 1
        while self.at < len(self.text):
            character = self.text[self.at]
            if character == '"':
                self.at += 1
                return "".join(parts)
            if character == "\\":
                parts.append(_unescaped(self.text[self.at + 1 : self.at + 2], '$`"\\\n'))
                self.at += 2
            elif character == "$":
                parts.append(self._dollar())
            else:
                end = min(
                    e for c in '"\\$' if (e := self.text.find(c, self.at)) >= 0 or (e := len(self.text))
                )
                parts.append(self.text[self.at : end])
                self.at = end
        raise self.refused("This quote has no end.", start)

    def _ansi_quoted(self) -> str:
        start, parts = self.at, list[str]()
        self.at += 2
        while self.at < len(self.text):
            character = self.text[self.at]
            self.at += 1
            if character == "'":
                return "".join(parts)
            if character != "\\":
                parts.append(character)
            elif code := _ANSI_CODE.match(self.text, self.at):
                self.at = code.end()
                digits = code[1] or code[2] or code[3]
                number = int(digits, 16) if digits else int(code[4], 8)
                parts.append(chr(number) if number < 0x110000 else "")
            else:
                following = self.text[self.at : self.at + 1]
                self.at += 1
                parts.append(_ANSI.get(following, following))
        raise self.refused("This quote has no end.", start)

    def _read_documents(self) -> None:
        """Read the documents whose marks were on the line that has just ended."""
        for command, opened in self._pending:
            start = self.at
            end = opened[2] or opened[3] or opened[5]
            is_quoted = bool(opened[2] or opened[3] or opened[4])
            lines = list[str]()
            while self.at < len(self.text):
                stop = self._end_of_line()
                line = self.text[self.at : stop].removesuffix("\r")
                self.at = stop + 1
                line = line.lstrip("\t") if opened[1] else line
                if line == end:
                    break
                lines.append(line)
            else:
                raise self.refused("The end of this document is missing.", opened.start())
            text = "\n".join(lines)
            command.document = text if is_quoted else self._expanded(text)
            command.document_line = self.line(start)
        self._pending = []

    def _expanded(self, text: str) -> str:
        found = re.compile(r"\\([$`\\\n])|" + _VARIABLE.pattern)

        def replaced(match: re.Match[str]) -> str:
            if match[0][0] == "\\":
                return "" if match[1] == "\n" else match[1]
            return self.variables.get(match[2] or match[3], match[0])

        return found.sub(replaced, text)


def _unescaped(character: str, special: str) -> str:
    if character == "\n":
        return ""
    return character if character in special else f"\\{character}"
