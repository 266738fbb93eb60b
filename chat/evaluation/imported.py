"""Rows of another tool as a sheet and checks of a test table.

Checks belong to the table here, so what a row expects becomes a value of it: a column for each check, which
the check names as a variable. A row without that value skips the check.
"""

from __future__ import annotations

import json
import re
from itertools import count
from typing import TYPE_CHECKING, Any

from chat.evaluation.check_kinds import JUDGE, MAX_CHECKS, MAX_TEXT, CheckSetting, why_refused
from chat.evaluation.csv_reading import MAX_COLUMNS, Sheet
from chat.evaluation.patterns import escaped
from chat.prompts.values import as_typed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chat.prompts.cases import AnswerCheck, CaseTable


def sheet_of(table: CaseTable) -> tuple[Sheet, list[CheckSetting], list[str]]:
    """Return the rows with the columns of their checks, the checks, and sentences about what is left out."""
    settings = dict[str, CheckSetting]()
    rows, left = list[dict[str, str]](), list[str]()
    for number, case in enumerate(table.cases, 1):
        row = dict(case.values)
        for check in case.checks:
            found = list(_expected(check))
            if not found:
                left.append(f"A check of test {number}: {check.words}.")
            for kind, setting, value in found:
                name = _column(kind, setting, settings, row, table)
                known = settings.setdefault(name, _named(setting, name))
                if len(settings) <= MAX_CHECKS and len(value) <= MAX_TEXT and not why_refused(known):
                    row[name] = value
                else:
                    left.append(f"A check of test {number}: {check.words}.")
                    _forget(settings, name, rows)
        rows.append(row)
    columns = list(dict.fromkeys((*table.variables, *settings)))[:MAX_COLUMNS]
    sheet = Sheet(columns, [[row.get(name, "") for name in columns] for row in rows])
    return sheet, list(settings.values()), left


def _forget(settings: dict[str, CheckSetting], name: str, rows: list[dict[str, str]]) -> None:
    """Remove a check that no row has a value for."""
    if not any(name in row for row in rows):
        settings.pop(name, None)


def _column(
    kind: str, setting: CheckSetting, settings: dict[str, CheckSetting], row: dict[str, str], table: CaseTable
) -> str:
    """Return the first column of a kind that has no other check, and no value in this row yet."""
    for number in count(1):
        name = f"check_{kind}{number if number > 1 else ''}"
        while name in table.variables:
            name += "_"
        if name not in row and settings.get(name, _named(setting, name)) == _named(setting, name):
            return name
    raise AssertionError("Numbers do not end.")


def _named(setting: CheckSetting, name: str) -> CheckSetting:
    """Return a check whose text is the value of a column."""
    first = setting.first.replace(_PLACE, f"{{{{{name}}}}}")
    return CheckSetting(setting.kind, first, "", setting.ignores_case)


# The place of the column's name in a check.
_PLACE = "\N{REPLACEMENT CHARACTER}"


def _expected(check: AnswerCheck) -> Iterator[tuple[str, CheckSetting, str]]:
    """Yield the word of a column, its check, and the row's value; nothing if there is no such check."""
    text = as_typed(check.value)
    match check.kind, check.is_negated:
        case "equals", False:
            yield _on_text("equals", "", text)
        case "starts-with", False:
            yield "start", CheckSetting("matches", f"^{_PLACE}"), text
        case "regex", False:
            yield "regex", _pattern(text), "yes"
        case "llm-rubric", is_negated:
            yield "rubric", CheckSetting(JUDGE, f"{_NOT_TRUE if is_negated else ''}{_PLACE}"), text
        case "latency", False:
            yield "seconds", CheckSetting("latency", _PLACE), f"{(check.threshold or 0) / 1000:g}"
        case "cost", False:
            yield "usd", CheckSetting("cost", _PLACE), f"{check.threshold or 0:.12f}".rstrip("0").rstrip(".")
        case "is-json", False:
            schema: dict[str, Any] = check.value if isinstance(check.value, dict) else {}
            # The comment changes nothing but skips rows without a value.
            said = json.dumps({**schema, "$comment": _PLACE}, ensure_ascii=False)
            yield "json", CheckSetting("schema", said), "yes"
        case _:
            if check.kind in _CONTAINING:
                yield from _contained(check)


def _contained(check: AnswerCheck) -> Iterator[tuple[str, CheckSetting, str]]:
    """Yield the same for the kinds that look for one or several texts in the answer."""
    case, _, quantity = check.kind.rpartition("contains")
    texts = [as_typed(each) for each in (check.value if isinstance(check.value, list) else [check.value])]
    match quantity, check.is_negated:
        case (("" | "-all"), False):
            yield from (_on_text("contains", case, each) for each in texts)
        case (("" | "-any"), True):
            yield from (_on_text("lacks", case, each) for each in texts)
        case "-any", False:
            any_of = "|".join(map(_quoted, texts))
            yield "any", _pattern(f"(?i:{any_of})" if case else any_of), "yes"


_CONTAINING = frozenset(
    f"{case}contains{quantity}" for case in ("", "i") for quantity in ("", "-all", "-any")
)
_NOT_TRUE = "This must not be true of the answer: "
_VARIABLE = re.compile(r"(\{\{.*?\}\})")


def _pattern(pattern: str) -> CheckSetting:
    """Return a check for a pattern, which skips rows without a value.

    What is in front of the pattern can always match nothing, so it changes no outcome.
    """
    return CheckSetting("matches", f"(?:{_PLACE}|)(?:{pattern})")


def _quoted(text: str) -> str:
    """Return a pattern for a text, in which variables stay: their values are quoted when they come in."""
    return "".join(part if part.startswith("{{") else escaped(part) for part in _VARIABLE.split(text))


def _on_text(kind: str, case: str, text: str) -> tuple[str, CheckSetting, str]:
    """Return a check for a text; ``case`` is "i" if it ignores the case."""
    return f"{case}{kind}", CheckSetting(kind, _PLACE, ignores_case=bool(case)), text
