"""The specification of one parameter: everything that a form needs to know of it and its parts."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final


class Kind(StrEnum):
    """The kinds of controls."""

    NUMBER = "number"
    INTEGER = "integer"
    STRING = "string"
    # A string that holds a date.
    DATE = "date"
    # A choice of one constant: booleans and enums.
    CHOICE = "choice"
    # A choice of several constants: a list whose items are an enum.
    CHECKS = "checks"
    # A list of numbers or strings.
    TAGS = "tags"
    OBJECT = "object"
    MAP = "map"
    # A list of anything else.
    ARRAY = "array"
    # A list of fixed parts, each with its own schema.
    TUPLE = "tuple"
    # A choice between different schemas: oneOf and anyOf.
    ALTERNATIVES = "alternatives"
    # A value without a control of its own. It is written as JSON and checked against its schema.
    JSON = "json"


class Unset:
    """The absence of a value: the parameter is not sent. Null is a value."""

    def __bool__(self) -> bool:
        return False

    def __repr__(self) -> str:
        return "UNSET"


UNSET: Final = Unset()


@dataclass(frozen=True, slots=True)
class Option:
    """A constant that can be chosen. ``token`` is what the form posts for it."""

    token: str
    label: str
    value: Any


@dataclass(frozen=True, slots=True, eq=False)
class Branch:
    """An alternative: a constant, or a value to fill in."""

    token: str
    label: str
    spec: ParameterSpec | None = None
    value: Any = UNSET


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class ParameterSpec:
    """A parameter, or a part of one. It is compared by identity, since request schemas are cached.

    ``schema`` of a whole parameter is plain JSON Schema with everything that it refers to. It alone decides
    which values are valid; the other fields only shape the controls. ``schema`` of a part is the merged one.
    """

    name: str
    kind: Kind
    schema: dict[str, Any]
    is_required: bool = False
    is_nullable: bool = False
    default: Any = UNSET
    # "0 – 2", "integer ≥ 1", "up to 4".
    bounds: str = ""
    minimum: float | None = None
    maximum: float | None = None
    # The model's own limit, which its schema does not state, such as an output length.
    limit: float | None = None
    # True if the bound itself is not allowed.
    is_above_minimum: bool = False
    is_below_maximum: bool = False
    # A number has to be a multiple of this.
    step: float | None = None
    # The way a date is written, for strftime: "%m/%d/%Y".
    date_format: str = ""
    options: tuple[Option, ...] = ()
    branches: tuple[Branch, ...] = ()
    children: tuple[ParameterSpec, ...] = ()
    # Required properties with one possible value. They are sent with the object and have no control.
    constants: dict[str, Any] = field(default_factory=dict)
    # The specification of a list's items or of a map's values.
    item: ParameterSpec | None = None
    # True if a single string may be sent without its list.
    takes_bare_item: bool = False
    # Title and examples from the document. They are text from strangers.
    help: str = ""
    examples: tuple[Any, ...] = ()
    is_deprecated: bool = False
    # True if only another version of the documentation has the parameter.
    is_from_another: bool = False
    # The bounds that another version of the documentation states, where they differ from ``bounds``.
    other_bounds: str = ""

    def __repr__(self) -> str:
        return f"<{self.kind} {self.name!r}>"

    @property
    def is_composite(self) -> bool:
        return self.kind in _COMPOSITE

    @property
    def each(self) -> ParameterSpec:
        """The specification of each item of a list or value of a map."""
        if self.item is None:
            raise TypeError(f"{self.kind} has no items")
        return self.item

    @property
    def needs_switch(self) -> bool:
        """True if an object can be sent with nothing filled in, because of its constants."""
        return (
            self.kind is Kind.OBJECT
            and bool(self.constants)
            and not any(child.is_required for child in self.children)
        )

    @property
    def size(self) -> int:
        """The number of controls that show each part once."""
        return 1 + sum(part.size for part in self.parts)

    @property
    def parts(self) -> list[ParameterSpec]:
        """The specifications of everything inside that has controls."""
        parts = [*self.children, *(branch.spec for branch in self.branches if branch.spec)]
        return parts if self.item is None else [*parts, self.item]


_COMPOSITE = frozenset(
    {Kind.OBJECT, Kind.TUPLE, Kind.MAP, Kind.ARRAY, Kind.ALTERNATIVES, Kind.TAGS, Kind.CHECKS}
)
