"""Checks as people enter them: a kind with one or two texts, which may name variables of the case."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from chat.evaluation.answers import CheckOutcome, skipped
from chat.evaluation.checks import (
    CallsTool,
    Contains,
    CostsAtMost,
    Equals,
    HasLength,
    IsJson,
    IsNumber,
    Lacks,
    Matches,
    TakesAtMost,
    decimal_of,
    tolerance_of,
)
from chat.evaluation.patterns import escaped, why_no_pattern
from chat.prompts.placeholders import names_in, replaced

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from chat.evaluation.answers import Answered
    from chat.evaluation.checks import Check

JUDGE = "judge"
# The most checks of a table.
MAX_CHECKS = 20
MAX_TEXT = 20_000


@dataclass(frozen=True, slots=True)
class CheckKind:
    """A kind of check: its name for people, and the labels of its one or two texts; empty for none."""

    label: str
    first: str = ""
    second: str = ""
    may_ignore_case: bool = False


KINDS: dict[str, CheckKind] = {
    "contains": CheckKind("Contains", "Text", may_ignore_case=True),
    "lacks": CheckKind("Does not contain", "Text", may_ignore_case=True),
    "equals": CheckKind("Equals", "Text", may_ignore_case=True),
    "matches": CheckKind("Matches a regular expression", "Regular expression"),
    "json": CheckKind("Is JSON"),
    "schema": CheckKind("Fits a JSON schema", "JSON schema"),
    "number": CheckKind("Ends with a number", "Number", "Tolerance, such as 0.5 or 5%"),
    "length": CheckKind("Has a length", "At least (characters)", "At most (characters)"),
    "cost": CheckKind("Costs at most", "USD"),
    "latency": CheckKind("Takes at most", "Seconds"),
    "tool": CheckKind("Calls a tool", "Name of the tool", "With these arguments (JSON)"),
    JUDGE: CheckKind("A model judges", "Rubric: what a good answer does"),
}


@dataclass(frozen=True, slots=True)
class CheckSetting:
    """A check as it was entered."""

    kind: str
    first: str = ""
    second: str = ""
    ignores_case: bool = False

    @classmethod
    def of(cls, stored: Mapping[str, Any]) -> CheckSetting:
        return cls(
            str(stored.get("kind", "")),
            str(stored.get("first", "")),
            str(stored.get("second", "")),
            bool(stored.get("ignores_case")),
        )

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @property
    def label(self) -> str:
        """The check in a line: "Contains Paris".

        >>> CheckSetting("contains", "Paris").label, CheckSetting("json").label
        ('Contains: Paris', 'Is JSON')
        """
        said = " ".join(" – ".join(filter(None, (self.first, self.second))).split())
        name = KINDS[self.kind].label
        return f"{name}: {said[:77] + '…' if len(said) > 78 else said}" if said else name

    @property
    def variables(self) -> list[str]:
        return names_in([self.first, self.second])

    def filled(self, values: Mapping[str, str]) -> CheckSetting:
        """Insert the values of a case, so that each stands for itself in a pattern or in JSON."""
        first = {"matches": escaped, "schema": _in_json}.get(self.kind, str)
        second = {"tool": _in_json}.get(self.kind, str)
        return CheckSetting(
            self.kind, _fill(self.first, values, first), _fill(self.second, values, second), self.ignores_case
        )


def _fill(text: str, values: Mapping[str, str], write: Callable[[str], str]) -> str:
    return replaced(text, lambda name: write(values.get(name, "")))


def _in_json(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)[1:-1]


def outcome_of(setting: CheckSetting, values: Mapping[str, str], answer: Answered) -> CheckOutcome:
    """Check an answer to a case. A check that names a variable without a value is skipped.

    Not for the judge, which needs a model.
    """
    if reason := why_skipped(setting, values):
        return skipped(reason)
    filled = setting.filled(values)
    if reason := _why_unusable(filled):
        return CheckOutcome(None, f"This check can't be used for this case. {reason}")
    return _check(filled).verdict(answer)


def why_skipped(setting: CheckSetting, values: Mapping[str, str]) -> str:
    """Return why a check does not apply to a case; an empty text if it does."""
    missing = [name for name in setting.variables if not values.get(name)]
    return f"The case has no value for {', '.join(missing)}." if missing else ""


def _check(setting: CheckSetting) -> Check:
    first, second = setting.first, setting.second
    makers: dict[str, Callable[[], Check]] = {
        "contains": lambda: Contains(first, setting.ignores_case),
        "lacks": lambda: Lacks(first, setting.ignores_case),
        "equals": lambda: Equals(first, setting.ignores_case),
        "matches": lambda: Matches(first),
        "json": IsJson,
        "schema": lambda: IsJson(first),
        "number": lambda: IsNumber(first, second),
        "length": lambda: HasLength(_count(first), _count(second)),
        "cost": lambda: CostsAtMost(decimal_of(first) or _ZERO),
        "latency": lambda: TakesAtMost(decimal_of(first) or _ZERO),
        "tool": lambda: CallsTool(first.strip(), second),
    }
    return makers[setting.kind]()


_ZERO = Decimal(0)


def _count(text: str) -> int | None:
    return int(text) if text.strip().isdecimal() and len(text.strip()) <= 9 else None


def why_refused(setting: CheckSetting) -> str:
    """Return why a check cannot be stored; an empty text if it can.

    A text with variables is checked when it is filled, except for a pattern, where a value stands for itself.
    """
    kind = KINDS.get(setting.kind)
    if kind is None:
        return "Choose a kind of check."
    if len(setting.first) > MAX_TEXT or len(setting.second) > MAX_TEXT:
        return f"Use at most {MAX_TEXT:,} characters."
    if setting.kind != "length" and kind.first and not setting.first.strip():
        return f"Enter: {kind.first}."
    return _why_unusable(setting.filled(dict.fromkeys(setting.variables, "1")))


def _why_unusable(filled: CheckSetting) -> str:
    """Return why a check with values in its place cannot be used; an empty text if it can."""
    return _why_refused[filled.kind](filled) if filled.kind in _why_refused else ""


def _why_no_schema(setting: CheckSetting) -> str:
    try:
        found = json.loads(setting.first)
    except (ValueError, RecursionError):
        found = None
    return "" if isinstance(found, dict) else "Enter a JSON schema, which is an object."


def _why_no_arguments(setting: CheckSetting) -> str:
    if not setting.second.strip():
        return ""
    try:
        found = json.loads(setting.second)
    except (ValueError, RecursionError):
        found = None
    return "" if isinstance(found, dict) else "Enter the arguments as a JSON object, or leave them empty."


def _why_no_number(setting: CheckSetting) -> str:
    if decimal_of(setting.first) is None:
        return "Enter a number, such as 3.5."
    if tolerance_of(setting.second, setting.first) is None:
        return "Enter the tolerance as a number or in percent, such as 0.5 or 5%."
    return ""


def _why_no_length(setting: CheckSetting) -> str:
    bounds = [_count(text) for text in (setting.first, setting.second) if text.strip()]
    if not bounds or None in bounds:
        return "Enter a whole number of characters as the least, the most or both."
    least, most = _count(setting.first), _count(setting.second)
    return "The least is above the most." if least is not None and most is not None and least > most else ""


def _why_no_bound(setting: CheckSetting) -> str:
    bound = decimal_of(setting.first)
    return "Enter a number of at least 0, such as 0.01." if bound is None or bound < 0 else ""


_why_refused: dict[str, Callable[[CheckSetting], str]] = {
    "matches": lambda setting: why_no_pattern(setting.first),
    "schema": _why_no_schema,
    "number": _why_no_number,
    "length": _why_no_length,
    "cost": _why_no_bound,
    "latency": _why_no_bound,
    "tool": _why_no_arguments,
}
