"""Sentences about the rules for how long a workspace keeps conversations and raw answers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.utils.timezone import now

from chat.retention import due_conversations, due_exchanges

if TYPE_CHECKING:
    from accounts.models import Workspace
    from chat.models import Run
    from chat.retention import Rules


@dataclass(frozen=True, slots=True)
class Due:
    """The numbers of what rules would delete at once."""

    conversations: int
    # Those of runs, each with one or more tries.
    answers: int

    def __bool__(self) -> bool:
        return bool(self.conversations or self.answers)


def due_under(workspace: Workspace, rules: Rules) -> Due:
    """Count what these rules would delete now."""
    answers = due_exchanges(workspace, rules).values("run").distinct().count()
    return Due(due_conversations(workspace, rules).count(), answers)


def why_not_stored(run: Run) -> str:
    """Return a sentence about a raw answer that an ended run does not have, or no longer."""
    ours, theirs = settings.RAW_RETENTION_DAYS, run.workspace.raw_days
    who, days = ("this installation", ours) if theirs is None or theirs >= ours else ("the workspace", theirs)
    if not days:
        return f"Not kept: {who} keeps no raw answers."
    if run.created_at < now() - timedelta(days=days):
        return f"No longer kept: {who} keeps raw answers for {days} day{'' if days == 1 else 's'}."
    return "The raw answer is not stored, or was deleted."
