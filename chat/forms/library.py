from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from django import forms

from chat.forms.typed_text import TypedText
from chat.library_access import visible_items
from chat.models import OutputSchema, Tool
from chat.tool_schemas.reading import SchemaRefused, parse_schema

if TYPE_CHECKING:
    from collections.abc import Mapping

    from accounts.models import Membership
    from chat.models import LibraryEntry

# The rule of OpenAI and of Anthropic for the names of functions and of schemas.
# https://platform.openai.com/docs/api-reference/chat/create
NAME = re.compile(r"[A-Za-z0-9_-]{1,64}", re.ASCII)
NAME_RULE = "Use 1 to 64 letters (a-z), digits, underscores and hyphens, without spaces."
MAX_EXAMPLES = 20
_MOST_DESCRIPTION, _MOST_EXAMPLE, _MOST_EXAMPLE_NAME = 20_000, 100_000, 80


class EntryForm(forms.Form):
    """The content of a tool or of an output schema, without its schema, which has an editor."""

    name = forms.CharField(
        label="Name",
        max_length=64,
        help_text="The model knows it by this name: letters, digits, _ and -.",
        error_messages={"required": "Enter a name.", "max_length": NAME_RULE},
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false", "autocapitalize": "off"}),
    )
    description = TypedText(
        label="Description",
        required=False,
        max_length=_MOST_DESCRIPTION,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    is_strict = forms.BooleanField(label="Strict: arguments follow the schema exactly", required=False)
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    kind: type[LibraryEntry]

    def __init__(
        self,
        membership: Membership,
        entry: LibraryEntry | None = None,
        data: Mapping[str, Any] | None = None,
        initial: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(data, initial=initial)
        self._membership = membership
        self._entry = entry

    def clean_name(self) -> str:
        name: str = self.cleaned_data["name"]
        if not NAME.fullmatch(name):
            raise forms.ValidationError(NAME_RULE)
        # A name that only others see must not be told.
        others = visible_items(self.kind, self._membership).filter(name=name)
        if self._entry is not None:
            others = others.exclude(pk=self._entry.pk)
        if others.exists():
            raise forms.ValidationError(taken(self.kind, name))
        return name


class ToolForm(EntryForm):
    description = TypedText(
        label="Description",
        required=False,
        max_length=_MOST_DESCRIPTION,
        help_text="What it does, and when the model should call it.",
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    result_schema = forms.CharField(
        label="Schema of the result",
        required=False,
        strip=False,
        help_text="A JSON schema. With one, results can be filled in as a form.",
        widget=forms.Textarea(
            attrs={"rows": 4, "spellcheck": "false", "class": "mono", "autocomplete": "off"}
        ),
    )

    kind = Tool

    def clean_result_schema(self) -> str:
        text: str = self.cleaned_data["result_schema"].strip()
        if text:
            try:
                parse_schema(text)
            except SchemaRefused as refusal:
                raise forms.ValidationError(str(refusal)) from refusal
        return text


class OutputSchemaForm(EntryForm):
    is_strict = forms.BooleanField(label="Strict: answers follow the schema exactly", required=False)

    kind = OutputSchema


def form_for(kind: type[LibraryEntry]) -> type[EntryForm]:
    return ToolForm if kind is Tool else OutputSchemaForm


def read_examples(data: Any) -> tuple[tuple[dict[str, str], ...], str]:
    """Read the saved results of a tool as its page posts them: pairs of names and texts, and an error."""
    names, texts = data.getlist("example_name"), data.getlist("example_text")
    pairs = [
        {"name": name.strip()[:_MOST_EXAMPLE_NAME], "text": text.replace("\r\n", "\n")}
        for name, text in zip(names, texts, strict=False)
        if name.strip() or text.strip()
    ]
    error = ""
    if any(not each["text"].strip() for each in pairs):
        error = "Every example needs a result. Empty its name to remove it."
    elif any(not each["name"] for each in pairs):
        error = "Every example needs a name."
    elif len({each["name"] for each in pairs}) < len(pairs):
        error = "Two examples have the same name. Rename one."
    elif len(pairs) > MAX_EXAMPLES:
        error = f"A tool can have at most {MAX_EXAMPLES} examples. Remove some."
    elif any(len(each["text"]) > _MOST_EXAMPLE for each in pairs):
        error = f"An example can have at most {_MOST_EXAMPLE:,} characters."
    return tuple(pairs), error


def taken(kind: type[LibraryEntry], name: str) -> str:
    what = "tool" if kind is Tool else "schema"
    return f"This workspace already has a {what} called “{name}”. Choose another name."
