"""The kinds of checks that need nothing but the answer."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any, Protocol

from chat.evaluation.answers import CheckOutcome
from chat.evaluation.patterns import is_found
from chat.structured.asked import Format
from chat.structured.verdict import verdict_on

if TYPE_CHECKING:
    from chat.evaluation.answers import Answered, Called

# Characters of an answer that a reason quotes.
_QUOTED = 80
# Digits are bounded, so that a long row of them is read in a linear time.
_NUMBER = re.compile(
    r"[-−+]?\d{1,3}(?:,\d{3}){1,5}(?:\.\d{1,20})?|[-−+]?\d{0,20}\.?\d{1,20}(?:[eE][-+]?\d{1,3})?"
)


class Check(Protocol):
    """A check of an answer."""

    def verdict(self, answer: Answered) -> CheckOutcome: ...


def quoted(text: str) -> str:
    """Shorten a text for a sentence.

    >>> quoted("  a  b")
    '“a b”'
    """
    line = " ".join(text.split())
    return f"“{line[:_QUOTED]}…”" if len(line) > _QUOTED else f"“{line}”"


def _folded(text: str, ignores_case: bool) -> str:
    return text.casefold() if ignores_case else text


@dataclass(frozen=True, slots=True)
class Contains:
    text: str
    ignores_case: bool = False

    def verdict(self, answer: Answered) -> CheckOutcome:
        found = _folded(self.text, self.ignores_case) in _folded(answer.text, self.ignores_case)
        return CheckOutcome(found, f"It {'contains' if found else 'does not contain'} {quoted(self.text)}.")


@dataclass(frozen=True, slots=True)
class Lacks:
    text: str
    ignores_case: bool = False

    def verdict(self, answer: Answered) -> CheckOutcome:
        outcome = Contains(self.text, self.ignores_case).verdict(answer)
        return CheckOutcome(not outcome.passed, outcome.reason)


@dataclass(frozen=True, slots=True)
class Equals:
    """The answer is a text, apart from blank space around the two."""

    text: str
    ignores_case: bool = False

    def verdict(self, answer: Answered) -> CheckOutcome:
        expected, said = (
            _folded(text.strip(), self.ignores_case).replace("\r\n", "\n")
            for text in (self.text, answer.text)
        )
        if expected == said:
            return CheckOutcome(True, f"It is {quoted(self.text)}.")
        return CheckOutcome(False, f"It is {quoted(answer.text)}, not {quoted(self.text)}.")


@dataclass(frozen=True, slots=True)
class Matches:
    pattern: str

    def verdict(self, answer: Answered) -> CheckOutcome:
        try:
            found = is_found(self.pattern, answer.text)
        except ValueError:
            return CheckOutcome(None, "The regular expression can't be used for this case.")
        return CheckOutcome(found, f"It {'matches' if found else 'does not match'} {quoted(self.pattern)}.")


@dataclass(frozen=True, slots=True)
class IsJson:
    """The answer is JSON, and fits a schema if there is one. A fence around it is an error for programs."""

    schema: str = ""

    def verdict(self, answer: Answered) -> CheckOutcome:
        try:
            schema = json.loads(self.schema) if self.schema else {}
        except (ValueError, RecursionError):
            schema = None
        if not isinstance(schema, dict):
            return CheckOutcome(None, "The schema is not valid JSON for this case.")
        found = verdict_on(answer.text, Format(schema, has_schema=bool(self.schema)))
        if found.is_json and "could not be used" in found.headline:
            return CheckOutcome(None, "The schema could not be used.")
        said = "; ".join(f"{error.pointer or 'at the top'}: {error.message}" for error in found.errors[:3])
        return CheckOutcome(found.is_valid, f"{found.headline}. {said or found.problem}".strip())


@dataclass(frozen=True, slots=True)
class IsNumber:
    """The last number of the answer is near another. The tolerance is a number, or a share such as "5%"."""

    number: str
    tolerance: str = "0"

    def verdict(self, answer: Answered) -> CheckOutcome:
        expected, allowed = decimal_of(self.number), tolerance_of(self.tolerance, self.number)
        if expected is None or allowed is None:
            return CheckOutcome(
                None, f"{quoted(self.number)} with the tolerance {quoted(self.tolerance)} is no number."
            )
        found = _NUMBER.findall(answer.text)
        said = decimal_of(found[-1]) if found else None
        if said is None:
            return CheckOutcome(False, "It contains no number.")
        passed = abs(said - expected) <= allowed
        return CheckOutcome(
            passed,
            f"Its last number is {said}, {'within' if passed else 'not within'} "
            f"{self.tolerance or '0'} of {self.number.strip()}.",
        )


def decimal_of(text: str) -> Decimal | None:
    """Read a number with a point and perhaps commas between thousands; None for anything else.

    >>> decimal_of("1,234.5"), decimal_of(" −2 "), decimal_of("1e3"), decimal_of("NaN"), decimal_of("")
    (Decimal('1234.5'), Decimal('-2'), Decimal('1E+3'), None, None)
    """
    if len(text) > 100:
        return None
    try:
        number = Decimal(text.strip().replace("−", "-").replace(",", ""))
    except InvalidOperation:
        return None
    return number if number.is_finite() and abs(number.adjusted()) < 1000 else None


def tolerance_of(text: str, number: str) -> Decimal | None:
    """Return how far a number may be away; None if the text says no such thing.

    >>> tolerance_of("5%", "-200"), tolerance_of("", "1"), tolerance_of("-1", "1")
    (Decimal('10'), Decimal('0'), None)
    """
    text = text.strip() or "0"
    allowed = decimal_of(text.removesuffix("%"))
    if allowed is not None and text.endswith("%"):
        expected = decimal_of(number)
        allowed = None if expected is None else abs(expected) * allowed / 100
    return None if allowed is None or allowed < 0 else allowed


@dataclass(frozen=True, slots=True)
class HasLength:
    """The answer has a number of characters within bounds; None is no bound."""

    least: int | None = None
    most: int | None = None

    def verdict(self, answer: Answered) -> CheckOutcome:
        length = len(answer.text)
        passed = (self.least or 0) <= length and (self.most is None or length <= self.most)
        bounds = [f"at least {self.least:,}"] if self.least is not None else []
        bounds += [f"at most {self.most:,}"] if self.most is not None else []
        return CheckOutcome(passed, f"It has {length:,} characters; {' and '.join(bounds)} are asked for.")


@dataclass(frozen=True, slots=True)
class CostsAtMost:
    usd: Decimal

    def verdict(self, answer: Answered) -> CheckOutcome:
        if answer.usd is None:
            return CheckOutcome(None, "Its cost is not known.")
        return CheckOutcome(
            answer.usd <= self.usd, f"It cost ${answer.usd:f}; at most ${self.usd:f} is asked for."
        )


@dataclass(frozen=True, slots=True)
class TakesAtMost:
    seconds: Decimal

    def verdict(self, answer: Answered) -> CheckOutcome:
        if answer.seconds is None:
            return CheckOutcome(None, "Its duration is not known.")
        passed = answer.seconds <= self.seconds
        return CheckOutcome(
            passed, f"It took {answer.seconds:.2f} s; at most {self.seconds:f} s is asked for."
        )


@dataclass(frozen=True, slots=True)
class CallsTool:
    """The answer calls a tool, with at least these arguments, given as a JSON object; empty for any."""

    name: str
    arguments: str = ""

    def verdict(self, answer: Answered) -> CheckOutcome:
        calls = [call for call in answer.calls if call.name == self.name]
        if not calls:
            others = ", ".join(dict.fromkeys(call.name for call in answer.calls))
            return CheckOutcome(
                False,
                f"It does not call {self.name}, but {others}."
                if others
                else f"It does not call {self.name}.",
            )
        if not self.arguments.strip():
            return CheckOutcome(True, f"It calls {self.name}.")
        wanted = _object(self.arguments)
        if wanted is None:
            return CheckOutcome(None, "The expected arguments are no JSON object for this case.")
        if any(_has(_arguments(call), wanted) for call in calls):
            return CheckOutcome(True, f"It calls {self.name} with these arguments.")
        return CheckOutcome(
            False, f"It calls {self.name} with other arguments: {quoted(calls[0].arguments)}."
        )


def _arguments(call: Called) -> Any:
    return _object(call.arguments)


def _object(text: str) -> dict[str, Any] | None:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _has(found: Any, wanted: Any) -> bool:
    """Tell whether a value is the wanted one; an object may have more properties.

    >>> _has({"a": {"b": 1, "c": 2}}, {"a": {"b": 1.0}}), _has({"a": [1, 2]}, {"a": [1]}), _has(True, 1)
    (True, False, False)
    """
    if isinstance(wanted, dict):
        return isinstance(found, dict) and all(
            name in found and _has(found[name], value) for name, value in wanted.items()
        )
    if isinstance(wanted, list):
        return (
            isinstance(found, list)
            and len(found) == len(wanted)
            and all(_has(*pair) for pair in zip(found, wanted, strict=True))
        )
    return isinstance(found, bool) == isinstance(wanted, bool) and bool(found == wanted)
