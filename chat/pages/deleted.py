"""The part of a list that offers deleted objects: to bring them back, or to delete them for good."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.urls import reverse
from django.utils.timezone import now

from chat.models.deletable import RESTORABLE_FOR

if TYPE_CHECKING:
    from django.db.models import QuerySet

# Deleted objects that a list offers.
_MOST_DELETED = 200
# The list of them is open for a while after each deletion.
_FRESH = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class DeletedRow:
    """A deleted object with the addresses of what can be done with it."""

    name: str
    deleted_at: datetime
    bring_back_url: str
    purge_url: str


def deleted_row(word: str, name: str, deleted_at: datetime | None, *address: Any) -> DeletedRow:
    """Return the row of an object, by the word for its kind in the names of URLs and by its address."""
    bring_back, purge = (reverse(f"chat:{verb}_{word}", args=address) for verb in ("bring_back", "delete"))
    return DeletedRow(name, deleted_at or now(), bring_back, purge)


def restorable(rows: QuerySet[Any]) -> QuerySet[Any]:
    """Return those that can be brought back, the last deleted first, as many as a list offers."""
    return rows.filter(deleted_at__gte=now() - RESTORABLE_FOR).order_by("-deleted_at", "-pk")[:_MOST_DELETED]


def deleted_context(rows: list[DeletedRow]) -> dict[str, Any]:
    """Return what ``chat/_deleted_items.html`` needs."""
    return {
        "deleted": rows,
        "has_fresh": bool(rows) and rows[0].deleted_at > now() - _FRESH,
        "for_good": {"for_good": "1"},
        "days": RESTORABLE_FOR.days,
    }
