"""A control as its template sees it: texts, options and the template's name."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import cached_property

from playground.parameters.form.entry import NULL_TOKEN, PREFIX, Entry
from playground.parameters.form.number_input import NumberInput
from playground.parameters.known.help import known_parameter
from playground.parameters.schema.bounds import shown
from playground.parameters.schema.dates import is_input
from playground.parameters.schema.output_length import OUTPUT_LENGTHS
from playground.parameters.schema.spec import UNSET, Kind, Option, ParameterSpec

# The most buttons and characters that fit one row of a pane of 344 pixels.
SEGMENTS = 5
SEGMENT_CHARACTERS = 31
HELP_CHARACTERS = 44
NOT_SENT = "not sent"
# Shorter labels for common choices, which would not fit a row of buttons otherwise.
_SHORT_LABELS = {"json_object": "json", "json_schema": "schema"}
# The index of a row: a number, or a mark in the pattern for new rows.
_ITEM = re.compile(r"\.(\d+|__\d+__)$")
_TEMPLATES = {
    Kind.NUMBER: "playground/parameters/number.html",
    Kind.INTEGER: "playground/parameters/number.html",
    Kind.STRING: "playground/parameters/string.html",
    Kind.DATE: "playground/parameters/date.html",
    Kind.CHOICE: "playground/parameters/select.html",
    Kind.ALTERNATIVES: "playground/parameters/select.html",
    Kind.CHECKS: "playground/parameters/checks.html",
    Kind.TAGS: "playground/parameters/tags.html",
    Kind.OBJECT: "playground/parameters/object.html",
    Kind.TUPLE: "playground/parameters/object.html",
    Kind.MAP: "playground/parameters/map.html",
    Kind.ARRAY: "playground/parameters/array.html",
    Kind.JSON: "playground/parameters/json.html",
}


@dataclass(frozen=True)
class Control:
    """The control of one entry, without the HTML of the parts inside it."""

    entry: Entry
    is_sent: bool = False
    # True for rows and branches, which are shown without a name of their own.
    is_bare: bool = False
    # Advice beside the value: the provider refused it, or it conflicts with another parameter.
    warning: str = ""

    @property
    def spec(self) -> ParameterSpec:
        return self.entry.spec

    @property
    def id(self) -> str:
        return id_of(self.entry.name)

    @property
    def is_root(self) -> bool:
        return "." not in self.entry.name[len(PREFIX) :]

    @property
    def is_item(self) -> bool:
        """True for an entry of a list, which has no "not sent" option: it is removed instead."""
        return (
            self.is_bare and self.spec.kind is Kind.ALTERNATIVES and _ITEM.search(self.entry.name) is not None
        )

    @property
    def label(self) -> str:
        return self.spec.name or "entry"

    @property
    def described_by(self) -> str:
        parts = [] if self.is_bare or not self.spec.bounds else ["bounds"]
        parts += ["help"] if self.about else []
        parts += ["warning"] if self.is_root and not self.is_bare else []
        return " ".join(f"{self.id}--{part}" for part in [*parts, "error"])

    @property
    def help(self) -> str:
        """The product's own help text if it knows the parameter, else the document's title."""
        return (known_parameter(self.spec.name).help if self.is_root else "") or self.spec.help

    @property
    def default(self) -> str:
        """The schema's default as text. A form never sends it by itself."""
        if self.spec.default is UNSET or isinstance(self.spec.default, dict | list):
            return ""
        if isinstance(self.spec.default, bool):
            return "on" if self.spec.default else "off"
        is_number = isinstance(self.spec.default, int | float)
        return shown(self.spec.default) if is_number else str(self.spec.default)

    @property
    def unset_words(self) -> str:
        """The text of an unset control. A length that the schema requires is sent even if unset."""
        if self.entry.is_null:
            return "null"
        is_filled_in = self.is_root and self.spec.is_required and self.spec.name in OUTPUT_LENGTHS
        return "a usual length" if is_filled_in else NOT_SENT

    @property
    def examples(self) -> str:
        """The document's examples as text."""
        if self.spec.kind not in (Kind.STRING, Kind.TAGS, Kind.DATE, Kind.NUMBER, Kind.INTEGER):
            return ""
        return ", ".join(str(value) for value in self.spec.examples)

    @property
    def about(self) -> str:
        """All that is said about the parameter, empty if nothing is."""
        return " ".join(filter(None, (self.help, self.default, self.spec.other_bounds, self.examples)))

    @property
    def is_help_long(self) -> bool:
        """True if the help may be longer than a line of the pane."""
        return len(self.about) > HELP_CHARACTERS

    @property
    def template(self) -> str:
        if self.spec.kind in (Kind.CHOICE, Kind.ALTERNATIVES) and self.is_segmented:
            return "playground/parameters/segments.html"
        return _TEMPLATES[self.spec.kind]

    @property
    def has_one_input(self) -> bool:
        """True if the name can be the label of one input. Otherwise it labels a group."""
        return self.template.endswith(("number.html", "string.html", "date.html", "select.html", "json.html"))

    @property
    def can_be_null(self) -> bool:
        return self.spec.is_nullable and self.spec.kind not in (Kind.CHOICE, Kind.ALTERNATIVES, Kind.JSON)

    @property
    def can_be_json(self) -> bool:
        return self.entry.is_json or (self.is_root and self.spec.is_composite)

    @property
    def json_shown(self) -> str:
        if self.entry.json_text and self.entry.is_json:
            return self.entry.json_text
        return "" if self.entry.value is UNSET else json.dumps(self.entry.value, ensure_ascii=False, indent=2)

    @property
    def options(self) -> list[Option]:
        is_open = not self.is_item and not (self.spec.is_required and self.is_root)
        first = [Option("", NOT_SENT, UNSET)] if is_open else []
        last = [Option(NULL_TOKEN, "null", None)] if self.spec.is_nullable else []
        branches = [
            Option(branch.token, _SHORT_LABELS.get(branch.label, branch.label), UNSET)
            for branch in self.spec.branches
        ]
        return [*first, *self.spec.options, *branches, *last]

    @property
    def checks(self) -> tuple[Option, ...]:
        return self.spec.item.options if self.spec.item else ()

    @property
    def is_segmented(self) -> bool:
        labels = [option.label for option in self.options]
        return len(labels) <= SEGMENTS and sum(map(len, labels)) <= SEGMENT_CHARACTERS

    @property
    def has_branches(self) -> bool:
        return any(branch.spec is not None for branch in self.spec.branches)

    @cached_property
    def number_input(self) -> NumberInput:
        return NumberInput(self.spec)

    @property
    def is_date_input(self) -> bool:
        """True if a date input can show the text. Any other text needs a text input."""
        return not self.entry.text or is_input(self.entry.text)

    @property
    def constants(self) -> str:
        return ", ".join(str(value) for value in self.spec.constants.values() if isinstance(value, str))


def id_of(name: str) -> str:
    """Return the HTML id of the control that posts under ``name``."""
    return name.replace(".", "-")
