"""Filters of a list: what its form sent, kept in the addresses of its pages and in the forms of its rows."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from typing import TYPE_CHECKING, Self
from urllib.parse import urlencode

from accounts.folding import fold

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class ListFilters:
    """Base of a list's filters. Each field is a text; an empty one filters nothing."""

    q: str = ""
    # The page of the list, counted from 1.
    page: str = ""

    @classmethod
    def of(cls, given: Mapping[str, str]) -> Self:
        """Read the filters from the data of a GET or POST request; other keys are ignored."""
        names = (field.name for field in fields(cls))
        # PostgreSQL takes no zero byte, and no list holds one.
        return cls(**{name: str(given.get(name, "")).replace("\0", "").strip()[:200] for name in names})

    @property
    def chosen(self) -> dict[str, str]:
        """The filters that are not empty, for hidden fields; the page comes last."""
        found = {name: value for name, value in asdict(self).items() if value and name != "page"}
        return {**found, "page": self.page} if self.page else found

    @property
    def query(self) -> str:
        """The query of this page's address."""
        return urlencode(self.chosen)

    @property
    def query_of_all(self) -> str:
        """The query without the page, for links to other pages. It is empty if nothing is filtered."""
        return urlencode({name: value for name, value in self.chosen.items() if name != "page"})

    def finds(self, *texts: str) -> bool:
        """Tell whether every word of ``q`` is in one of the texts, whatever its case and accents."""
        text = fold(" ".join(texts))
        return all(word in text for word in fold(self.q).split())
