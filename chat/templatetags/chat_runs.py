"""The conversations of the runs of a report, for pages of other apps, which know only codes of runs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django import template
from django.db.models import Exists, OuterRef

from chat.access import visible_conversations
from chat.models import Conversation, Run

if TYPE_CHECKING:
    from collections.abc import Iterable
    from uuid import UUID

    from accounts.models import Membership

register = template.Library()


@dataclass(frozen=True, slots=True)
class RunRow:
    """A row of the report, with what the member may open of it."""

    spent: Any
    # Whether the member may read the run's request and raw answer.
    is_readable: bool
    # The conversation, if the member may read it.
    conversation: UUID | None
    # In words why there is no conversation to open.
    why: str


@register.simple_tag
def with_conversations(membership: Membership, rows: Iterable[Any]) -> list[RunRow]:
    """Return the rows of a report with the conversations that this member may read, in two queries.

    ``{% with_conversations membership runs.rows as lines %}``
    """
    rows = list(rows)
    runs = {run.code: run for run in _runs(membership, [row.what.run_code for row in rows])}
    numbers = {number for run in runs.values() if (number := _conversation_of(run))}
    visible = visible_conversations(membership.user, membership.workspace)
    kept = Conversation.objects.filter(pk__in=numbers).annotate(
        is_visible=Exists(visible.filter(pk=OuterRef("pk")))
    )
    codes = {
        pk: code if is_visible else None
        for pk, code, is_visible in kept.values_list("pk", "code", "is_visible")
    }
    return [_row(membership, row, runs.get(row.what.run_code), codes) for row in rows]


def _runs(membership: Membership, codes: list[UUID]) -> Iterable[Run]:
    runs = Run.objects.filter(workspace=membership.workspace, code__in=codes)
    return runs.only("code", "conversation_id", "title_of_id", "user_id")


def _conversation_of(run: Run) -> int | None:
    """Return the key of the conversation that a run answers in or finds a title for."""
    return run.conversation_id or run.title_of_id


def _row(membership: Membership, row: Any, run: Run | None, codes: dict[int, UUID | None]) -> RunRow:
    """Make a row. ``codes`` has None for a conversation that the member may not read."""
    if run is None:
        return RunRow(row, False, None, "Deleted")
    number = _conversation_of(run)
    if number is None:
        return RunRow(row, run.user_id == membership.user_id, None, "None")
    if number not in codes:
        return RunRow(row, False, None, "Deleted")
    code = codes[number]
    return RunRow(row, False, None, "Private") if code is None else RunRow(row, True, code, "")
