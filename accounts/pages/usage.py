"""The page of usage: what its address asks for, its links, and its rows in pages."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import urlencode

from django.core.paginator import Paginator

from accounts import ledger
from accounts.ledger import By, Days, Measure, ModelKey, Rest
from accounts.models import ApiKey, Group, User
from accounts.pages.charts import chart
from accounts.pages.date_range import PRESETS, today
from accounts.pages.filters import ListFilters
from accounts.pages.outlook import look_around

if TYPE_CHECKING:
    from datetime import date

    from django.core.paginator import Page

    from accounts.ledger import Report, Spent
    from accounts.models import Workspace
    from accounts.pages.date_range import DateRange

PER_PAGE = 25
BY = {
    By.PERSON: "Person",
    By.GROUP: "Group",
    By.KEY: "Key",
    By.MODEL: "Model",
    By.PROVIDER: "Provider",
    By.DAY: "Day",
}
# The usage of one person has no other people.
_OF_ONE = (By.MODEL, By.PROVIDER, By.KEY, By.DAY)
MEASURES = {Measure.COST: "Cost", Measure.TOKENS: "Tokens", Measure.RUNS: "Runs"}


@dataclass(frozen=True, slots=True)
class UsageFilters(ListFilters):
    """Parameters of the address. ``show`` is a measure; ``range``, ``first`` and ``last`` are the days."""

    SORTS: ClassVar = {"": "Highest first", "name": "By name"}

    sort: str = ""
    by: str = ""
    show: str = ""
    # The key of a user whose usage an admin looks at.
    person: str = ""
    range: str = ""
    first: str = ""
    last: str = ""

    def changed(self, **values: str) -> str:
        """Return the query of an address that asks for something else of the same; never for a later page."""
        chosen = {**asdict(self), "page": "", **values}
        return urlencode({name: value for name, value in chosen.items() if value})

    @property
    def view(self) -> list[tuple[str, str]]:
        """The parameters that a form for other days sends along."""
        return [(name, value) for name, value in self.kept if name not in ("range", "first", "last")]

    @property
    def kept(self) -> list[tuple[str, str]]:
        """The parameters that a search sends along."""
        return [(name, value) for name, value in self.chosen.items() if name not in ("q", "sort", "page")]

    def at(self, first: date, last: date) -> str:
        """Return the query for other days."""
        return self.changed(range="", first=first.isoformat(), last=last.isoformat())

    def fit(self, row: Spent) -> bool:
        return self.finds(*texts_of(row.what))


@dataclass(frozen=True, slots=True)
class Choice:
    """A link that shows the page in another way."""

    label: str
    query: str
    is_current: bool


def texts_of(what: Any) -> tuple[str, ...]:
    """Return the texts by which a row is found, its name first."""
    if isinstance(what, User):
        return what.display_name, what.email
    if isinstance(what, Group):
        return (what.name,)
    if isinstance(what, ApiKey):
        return what.short_name, "" if what.member else "shared"
    return what if isinstance(what, ModelKey) else (str(what),)


def usage_context(
    workspace: Workspace, user: User | None, asked: DateRange, filters: UsageFilters, after: str
) -> dict[str, Any]:
    """Return the context of the usage of one user, or of everybody if ``user`` is None."""
    days = Days(workspace, asked.first, asked.last, user)
    offered = _OF_ONE if user else tuple(BY)
    by = next((by for by in offered if by == filters.by), offered[0])
    report = _report(days, by, filters.show)
    series = ledger.series_of(report)
    last = min(asked.last, max(today(), asked.first))
    comparison, prospect = look_around(report.total, series, asked, days)
    return {
        "days": asked,
        "filters": filters,
        "report": report,
        "by_name": MEASURES[report.measure],
        "all_query": filters.changed(q=""),
        "by_choices": [
            Choice(BY[each], filters.changed(by=each, q="", sort=""), each is by) for each in offered
        ],
        "measures": [
            Choice(label, filters.changed(show=each), each is report.measure)
            for each, label in MEASURES.items()
        ],
        "ranges": [
            Choice(label, filters.changed(range=name, first="", last=""), name == asked.preset)
            for name, label in PRESETS.items()
        ],
        "chart": chart(series, asked.first, last, report.measure, filters.at),
        "comparison": comparison,
        "outlook": prospect,
        "runs": ledger.runs(days, after),
        "page": rows_page(report, filters),
    }


def _report(days: Days, by: By, show: str) -> Report:
    """Return the report by the chosen measure. Where nothing costs anything, tokens say more."""
    chosen = next((measure for measure in Measure if measure == show), None)
    report = ledger.report(days, by, chosen or Measure.COST)
    is_free = chosen is None and report.total.runs and not report.total.usd
    return report.measured_by(Measure.TOKENS) if is_free else report


def rows_page(report: Report, filters: UsageFilters) -> Page[Spent]:
    """Return the page of rows that the filters ask for."""
    found = list(filter(filters.fit, report.rows))
    if filters.sort == "name" and report.by is not By.DAY:
        found.sort(key=lambda row: (isinstance(row.what, Rest), texts_of(row.what)[0].casefold()))
    return Paginator(found, PER_PAGE).get_page(filters.page or 1)
