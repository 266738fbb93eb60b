"""What the controls of a parameter hold, whether posted or made from a value.

Every control posts under the name of its place: ``p.temperature``, ``p.reasoning.effort``,
``p.tools.0.function.name``, ``p.logit_bias.0.key``. Beside it may stand ``.state`` (``null``:
send null; ``set``: send although nothing is filled in; ``bare``: a single tag goes without its
list; ``json``: what counts is ``.json``) and, inside a chosen alternative, ``.as-<token>``.
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
    spec: ParameterSpec
    name: str
    # Number, string, JSON; the token of a choice or of an alternative.
    text: str = ""
    # Tags and ticked checks.
    texts: list[str] = field(default_factory=list)
    states: frozenset[str] = frozenset()
    json_text: str = ""
    # Of an object by property, of alternatives by token.
    children: dict[str, Entry] = field(default_factory=dict)
    # Of a list, or the values of a map.
    items: list[Entry] = field(default_factory=list)
    # The key of a map's row.
    key: str = ""
    errors: list[str] = field(default_factory=list)
    # What a whole parameter comes to, once it is known; parts leave it alone.
    value: Any = UNSET

    @property
    def is_json(self) -> bool:
        return "json" in self.states

    @property
    def is_null(self) -> bool:
        return "null" in self.states

    @property
    def is_blank(self) -> bool:
        """Whether it looks like a control that nobody touched."""
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
        """Each message with the name of the control it belongs to."""
        found = [(self.name, message) for message in self.errors]
        for entry in [*self.children.values(), *self.items]:
            found.extend(entry.all_errors())
        return found


def segment(name: str) -> str:
    """A property's name as one part of a control's name.

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
