"""An answer as checks see it, and the outcome of a check."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Called:
    """A call of a tool. ``arguments`` are JSON as the model wrote it."""

    name: str
    arguments: str


@dataclass(frozen=True, slots=True)
class Answered:
    """An answer, what it cost and how long it took; None where that is not known."""

    text: str
    usd: Decimal | None = None
    seconds: float | None = None
    calls: tuple[Called, ...] = ()


@dataclass(frozen=True, slots=True)
class CheckOutcome:
    """The outcome of a check. ``passed`` is None if there is none, and ``reason`` says why.

    A skipped check does not apply to the case, so it does not count at all.
    """

    passed: bool | None
    reason: str
    is_skipped: bool = False

    def as_json(self) -> dict[str, Any]:
        return {"passed": self.passed, "reason": self.reason, "is_skipped": self.is_skipped}

    @classmethod
    def of(cls, stored: dict[str, Any]) -> CheckOutcome:
        return cls(stored.get("passed"), stored.get("reason", ""), bool(stored.get("is_skipped")))


def skipped(reason: str) -> CheckOutcome:
    return CheckOutcome(None, reason, is_skipped=True)


def passed_all(outcomes: list[CheckOutcome]) -> bool | None:
    """Tell whether all checks that apply have passed; None if some have no outcome, or if none applies.

    >>> yes, no, none = CheckOutcome(True, ""), CheckOutcome(False, ""), CheckOutcome(None, "")
    >>> [passed_all(each) for each in ([yes, skipped("")], [none, no], [yes, none], [skipped("")], [])]
    [True, False, None, None, None]
    """
    applying = [outcome.passed for outcome in outcomes if not outcome.is_skipped]
    if False in applying:
        return False
    return True if applying and None not in applying else None


def letters_of(outcomes: list[dict[str, Any] | None]) -> str:
    """Write stored outcomes as one letter for each check, so that a database can count them.

    >>> letters_of([{"passed": True}, {"passed": False}, {"passed": None}, {"is_skipped": True}, None])
    'pfns-'
    """
    return "".join(map(_letter, outcomes))


def _letter(outcome: dict[str, Any] | None) -> str:
    if outcome is None:
        return "-"
    found = CheckOutcome.of(outcome)
    if found.is_skipped:
        return "s"
    return {True: "p", False: "f", None: "n"}[found.passed]
