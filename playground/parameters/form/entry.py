"""The state of a parameter's controls, whether posted or made from a value.

A control posts under the name of its place: ``p.temperature``, ``p.reasoning.effort``,
``p.tools.0.function.name``, ``p.logit_bias.0.key``. The fields of an alternative have ``.as-<token>`` in
their names. A second field may end in ``.state``: ``null`` sends null, ``set`` sends the object although
nothing is filled in, ``bare`` sends a single tag without its list, ``json`` sends the text of ``.json``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from playground.parameters.schema.spec import UNSET, Branch, ParameterSpec

PREFIX = "p."
MAX_ITEMS = 200
NULL_TOKEN = "=null"  # noqa: S105 - what a form posts for null, no secret
_RESERVED = frozenset({"state", "json", "key", "value"})
_SEGMENT = re.compile(r"[A-Za-z_][A-Za-z0-9_]*", re.ASCII)


@dataclass(slots=True)
class Entry:
    """The state of one control and of the controls inside it."""

    spec: ParameterSpec
    name: str
    # A number, a string or JSON as text; the token of a choice or of an alternative.
    text: str = ""
    # Tags and ticked checks.
    texts: list[str] = field(default_factory=list)
    states: frozenset[str] = frozenset()
    json_text: str = ""
    # The parts of an object by property, of alternatives by token.
    children: dict[str, Entry] = field(default_factory=dict)
    # The entries of a list, or the values of a map.
    items: list[Entry] = field(default_factory=list)
    # The key of a map's row.
    key: str = ""
    errors: list[str] = field(default_factory=list)
    # The value of a whole parameter, once it is known. Parts do not use it.
    value: Any = UNSET

    @property
    def is_json(self) -> bool:
        return "json" in self.states

    @property
    def is_null(self) -> bool:
        return "null" in self.states

    @property
    def is_blank(self) -> bool:
        """True if it looks like an untouched control."""
        return not (
            self.text
            or any(self.texts)
            or self.states
            or self.json_text
            or self.items
            or self.key
            or self.errors
            or any(not child.is_blank for child in self.children.values())
        )

    @property
    def has_errors(self) -> bool:
        inner = [*self.children.values(), *self.items]
        return bool(self.errors) or any(entry.has_errors for entry in inner)

    def all_errors(self) -> list[tuple[str, str]]:
        """Return each message with the name of the control that it concerns."""
        found = [(self.name, message) for message in self.errors]
        for entry in [*self.children.values(), *self.items]:
            found.extend(entry.all_errors())
        return found


def segment(name: str) -> str:
    """Encode a property's name as one part of a control's name.

    >>> segment("temperature"), segment("state"), segment("a.b")
    ('temperature', '=state', '=a%2Eb')
    """
    if _SEGMENT.fullmatch(name) and name not in _RESERVED:
        return name
    return "=" + quote(name, safe="").replace(".", "%2E")


def root_name(parameter: str) -> str:
    return PREFIX + segment(parameter)


def child_name(entry_name: str, child: ParameterSpec) -> str:
    return f"{entry_name}.{segment(child.name)}"


def branch_name(entry_name: str, branch: Branch) -> str:
    return f"{entry_name}.as-{branch.token}"
