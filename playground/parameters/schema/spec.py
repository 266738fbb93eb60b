"""What a form needs to know about one parameter, and about everything inside it."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final


class Kind(StrEnum):
    NUMBER = "number"
    INTEGER = "integer"
    STRING = "string"
    # A string whose form is that of a date.
    DATE = "date"
    # One of a few constants: booleans and enums.
    CHOICE = "choice"
    # Several of a few constants: a list whose items are an enum.
    CHECKS = "checks"
    # A list of numbers or strings.
    TAGS = "tags"
    OBJECT = "object"
    MAP = "map"
    # A list of anything else.
    ARRAY = "array"
    # A list of fixed parts, each with its own schema.
    TUPLE = "tuple"
    # oneOf and anyOf.
    ALTERNATIVES = "alternatives"
    # What has no control of its own: written as JSON, checked against its schema all the same.
    JSON = "json"


class Unset:
    """The value of a parameter that is not sent. Null is a value; this is none."""

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
    """One of several alternatives: a constant, or something to fill in."""

    token: str
    label: str
    spec: ParameterSpec | None = None
    value: Any = UNSET


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class ParameterSpec:
    """One parameter. Compared by identity: readers cache what they made from a schema.

    ``schema`` of a whole parameter is plain JSON Schema that holds what it refers to: it alone
    decides what is valid, the rest only shapes the controls. Of a part it is the merged shape.
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
    # The model's own, which its schema does not state: an output length, say.
    limit: float | None = None
    # The bounds themselves are not allowed.
    is_above_minimum: bool = False
    is_below_maximum: bool = False
    # What a number has to be a multiple of.
    step: float | None = None
    # How a date is written, for strftime: "%m/%d/%Y".
    date_format: str = ""
    options: tuple[Option, ...] = ()
    branches: tuple[Branch, ...] = ()
    children: tuple[ParameterSpec, ...] = ()
    # Required properties with one possible value: sent with the object, never asked for.
    constants: dict[str, Any] = field(default_factory=dict)
    # Of a list or of a map's values.
    item: ParameterSpec | None = None
    # A list that may also be written as one bare string.
    takes_bare_item: bool = False
    # The document's title for it, and values it shows as examples. Text from strangers.
    help: str = ""
    examples: tuple[Any, ...] = ()
    is_deprecated: bool = False

    def __repr__(self) -> str:
        return f"<{self.kind} {self.name!r}>"

    @property
    def is_composite(self) -> bool:
        return self.kind in _COMPOSITE

    @property
    def each(self) -> ParameterSpec:
        """Of a list or of a map's values: what each of them is."""
        if self.item is None:
            raise TypeError(f"{self.kind} has no items")
        return self.item

    @property
    def needs_switch(self) -> bool:
        """Whether an object means something although nothing in it is filled in."""
        return (
            self.kind is Kind.OBJECT
            and bool(self.constants)
            and not any(child.is_required for child in self.children)
        )

    @property
    def size(self) -> int:
        """How many controls it takes to show everything in it once."""
        return 1 + sum(part.size for part in self.parts)

    @property
    def parts(self) -> list[ParameterSpec]:
        """What has controls of its own inside."""
        parts = [*self.children, *(branch.spec for branch in self.branches if branch.spec)]
        return parts if self.item is None else [*parts, self.item]


_COMPOSITE = frozenset(
    {Kind.OBJECT, Kind.TUPLE, Kind.MAP, Kind.ARRAY, Kind.ALTERNATIVES, Kind.TAGS, Kind.CHECKS}
)
