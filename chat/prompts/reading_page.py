"""Text that was copied from OpenAI's page of a stored prompt, or any other text of a prompt.

The page has no fixed form, so its headings are looked for line by line. A text without them is a prompt too.
"""

from __future__ import annotations

import re
from typing import Any

from chat.prompts.content import PromptContent
from chat.prompts.imported import Json, ReadPrompt, ReadVersion, number_of, split_system
from chat.prompts.validity import checked

_ROLES = {
    "developer message": "developer",
    "developer": "developer",
    "system message": "developer",
    "system instructions": "developer",
    "system prompt": "developer",
    "instructions": "developer",
    "system": "developer",
    "user message": "user",
    "user": "user",
    "assistant message": "assistant",
    "assistant": "assistant",
}
# Headings of parts that have no message.
_OTHERS = {"variables", "tools", "functions", "prompt messages", "messages", "model", "parameters"}
_FIELDS = {
    "model": "model",
    "temperature": "temperature",
    "temp": "temperature",
    "top p": "top_p",
    "top_p": "top_p",
    "max tokens": "max_output_tokens",
    "max output tokens": "max_output_tokens",
    "max_output_tokens": "max_output_tokens",
    "reasoning effort": "effort",
    "effort": "effort",
    "verbosity": "verbosity",
    "version": "version",
    "prompt id": "id",
    "id": "id",
}
# Buttons of the page, which a copy brings along.
_BUTTONS = {
    *("add message", "add", "save", "update", "publish", "optimize", "compare", "evaluate", "delete", "copy"),
    *("generate", "edit", "create", "cancel", "draft", "run", "clear", "history", "chat with your prompt..."),
    *("add developer message", "add user message", "add variable", "add tool", "describe your task..."),
}
_FIELD = re.compile(r"([A-Za-z_ ]{2,20}?)\s*[:=]\s*(\S.*)")
_ID = re.compile(r"pmpt_[A-Za-z0-9]{3,120}")
_VERSION = re.compile(r"(?:version\s+|v)(\d{1,7})", re.IGNORECASE)
_NUMBERS = {"temperature", "top_p", "max_output_tokens"}


def read_page(text: str) -> ReadPrompt:
    """Read the text of a page. All of it is one user message if no heading is found."""
    page = _Page()
    for line in text.splitlines():
        page.read(line)
    page.end()
    messages = [(role, said) for role, said in page.messages if said]
    notes = []
    if not messages:
        messages = [("user", text.strip())]
        page.fields = {}
        notes.append("No headings were found, so the whole text is one user message.")
    system, others, changed = split_system(messages)
    number = number_of(page.fields.get("version"))
    content = checked(
        PromptContent(
            system,
            others,
            model=page.fields.get("model", ""),
            endpoint="responses" if page.fields.get("model") else "",
            parameters=_parameters(page.fields),
        )
    )
    name = page.fields.get("id") or page.title or "Pasted prompt"
    return ReadPrompt(name[:128], (ReadVersion(number, content),), notes=(*notes, *changed))


class _Page:
    """The parts of a page as its lines are read."""

    def __init__(self) -> None:
        self.messages: list[tuple[str, str]] = []
        self.fields: dict[str, str] = {}
        self.title = ""
        self._role = ""
        self._lines: list[str] = []
        # A heading whose value stands in the next line.
        self._awaited = ""

    def read(self, line: str) -> None:
        plain = line.strip().rstrip(":").strip()
        word = plain.lower()
        if word in _ROLES:
            self._begin(_ROLES[word])
        elif word in _OTHERS and plain[:1].isupper():
            self._begin("")
            self._awaited = _FIELDS.get(word, "")
        elif self._role:
            self._lines.append(line)
        elif plain and word not in _BUTTONS:
            self._field(plain, word)

    def _field(self, plain: str, word: str) -> None:
        """Read a line outside of messages."""
        if self._awaited:
            self.fields.setdefault(self._awaited, plain)
            self._awaited = ""
        elif word in _FIELDS:
            self._awaited = _FIELDS[word]
        elif (match := _FIELD.fullmatch(plain)) and match[1].lower() in _FIELDS:
            self.fields.setdefault(_FIELDS[match[1].lower()], match[2].strip())
        elif found := _ID.fullmatch(plain):
            self.fields.setdefault("id", found[0])
        elif found := _VERSION.fullmatch(plain):
            self.fields.setdefault("version", found[1])
        elif not self.title and not self.messages and "{{" not in plain:
            self.title = plain[:128]

    def _begin(self, role: str) -> None:
        self.end()
        self._role, self._lines = role, []

    def end(self) -> None:
        """Close the message that is open, without the buttons below it."""
        while self._lines and self._lines[-1].strip().lower() in {*_BUTTONS, ""}:
            self._lines.pop()
        if self._role:
            self.messages.append((self._role, "\n".join(self._lines).strip()))
        self._role = ""


def _parameters(fields: dict[str, str]) -> Json:
    found: dict[str, Any] = {}
    for name in _NUMBERS & set(fields):
        text = fields[name].replace(",", "")
        if re.fullmatch(r"\d{1,9}", text):
            found[name] = int(text)
        elif re.fullmatch(r"\d{1,3}\.\d{1,6}", text):
            found[name] = float(text)
    if re.fullmatch(r"[a-z]{2,10}", effort := fields.get("effort", "").lower()):
        found["reasoning"] = {"effort": effort}
    if re.fullmatch(r"[a-z]{2,10}", verbosity := fields.get("verbosity", "").lower()):
        found["text"] = {"verbosity": verbosity}
    return dict(sorted(found.items()))
