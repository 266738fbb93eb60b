"""The rules of a workspace for how long it keeps conversations and raw answers, and what they make due."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.db.models import F, Q
from django.utils.timezone import now

from accounts.models import Workspace
from chat.models import Conversation, Exchange, Placement, QueuedPrompt, Run

if TYPE_CHECKING:
    from django.db.models import QuerySet


@dataclass(frozen=True, slots=True)
class Rules:
    """The rules that an owner sets. Their names are those of the workspace's columns."""

    # Days after the last change of a conversation; None keeps all.
    conversation_days: int | None = None
    # Whether conversations that their owner has pinned are kept.
    keeps_pinned: bool = True
    # Days for raw answers; 0 for none at all, None for as long as the installation keeps them.
    raw_days: int | None = None
    # Whether members may have temporary chats, and the hours after their last answer until their deletion.
    allows_temporary: bool = True
    temporary_hours: int = 24

    @classmethod
    def of(cls, workspace: Workspace) -> Rules:
        return cls(**{name: getattr(workspace, name) for name in cls.__slots__})

    @property
    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def due_conversations(workspace: Workspace, rules: Rules) -> QuerySet[Conversation]:
    """Return the conversations and comparisons, without columns, that the rules no longer keep.

    One in which something runs, or waits to be sent by itself, is not due.
    """
    due = _is_forgotten(rules)
    if rules.conversation_days is not None:
        due |= _is_outlived(workspace, rules, now() - timedelta(days=rules.conversation_days))
    return idle(Conversation.objects.filter(due, workspace=workspace, column_of=None))


def workspaces_with_due() -> QuerySet[Workspace]:
    """Return the workspaces whose conversations may be due."""
    temporary = Conversation.objects.filter(is_temporary=True).values("workspace")
    return Workspace.objects.filter(Q(conversation_days__isnull=False) | Q(pk__in=temporary))


def _is_forgotten(rules: Rules) -> Q:
    """Return the condition that a temporary chat has had no answer for as long as the rules keep one."""
    before = now() - timedelta(hours=rules.temporary_hours)
    answered = Run.objects.filter(conversation__is_temporary=True, finished_at__gte=before)
    return Q(is_temporary=True, updated_at__lt=before) & ~Q(pk__in=answered.values("conversation"))


def _is_outlived(workspace: Workspace, rules: Rules, before: datetime) -> Q:
    """Return the condition that a conversation has not changed since then, and nothing else keeps it."""
    of_workspace = Conversation.objects.filter(workspace=workspace)
    changed_columns = of_workspace.filter(column_of__isnull=False, updated_at__gte=before)
    outlived = Q(is_temporary=False, updated_at__lt=before) & (Q(kept_since=None) | Q(kept_since__lt=before))
    outlived &= ~Q(pk__in=changed_columns.values("column_of"))
    pinned = pinned_by_owner().filter(conversation__workspace=workspace).values("conversation")
    return outlived & ~Q(pk__in=pinned) if rules.keeps_pinned else outlived


def idle(conversations: QuerySet[Conversation]) -> QuerySet[Conversation]:
    """Leave out those in which an answer is written, or a prompt waits that is sent by itself.

    The few keys to leave out are read once. A condition for each conversation would let PostgreSQL compare
    all with all where its statistics are old.
    """
    live = Run.objects.filter(status__in=Run.LIVE)
    waiting = QueuedPrompt.objects.filter(conversation__queue_pause="")
    for found, name in ((live, "conversation"), (live, "title_of"), (waiting, "conversation")):
        for kind in (name, f"{name}__column_of"):
            keys = found.filter(**{f"{kind}__isnull": False}).values(kind)
            conversations = conversations.exclude(pk__in=keys)
    return conversations


def pinned_by_owner() -> QuerySet[Placement]:
    """Return the pins of people who own what they have pinned, and are still members."""
    pins = Placement.objects.filter(place=Placement.Place.PINNED, user=F("conversation__owner"))
    return pins.filter(user__memberships__workspace=F("conversation__workspace"))


def due_exchanges(workspace: Workspace, rules: Rules) -> QuerySet[Exchange]:
    """Return the raw requests and answers that the rules no longer keep."""
    if rules.raw_days is None:
        return Exchange.objects.none()
    before = now() - timedelta(days=rules.raw_days)
    return Exchange.objects.filter(run__workspace=workspace, sent_at__lt=before)


def kept_until(conversation: Conversation, rules: Rules) -> datetime | None:
    """Return the moment after which a conversation is deleted, if nobody changes it; None for never.

    A temporary chat says by itself after how many hours it is deleted.
    """
    if rules.conversation_days is None or conversation.is_temporary:
        return None
    since = max(conversation.updated_at, conversation.kept_since or conversation.updated_at)
    if rules.keeps_pinned and pinned_by_owner().filter(conversation=conversation).exists():
        return None
    return since + timedelta(days=rules.conversation_days)
