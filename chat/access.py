"""The only way from an id to an object: scoped by user, 404 to strangers."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.conf import settings
from django.contrib.auth import get_user
from django.core.exceptions import PermissionDenied
from django.db.models import (
    BigIntegerField,
    BooleanField,
    Exists,
    ExpressionWrapper,
    OuterRef,
    Q,
    Subquery,
    UUIDField,
)
from django.http import Http404, HttpRequest

from accounts.access import membership_in, require
from accounts.factors import require_factor
from accounts.models import Group, Membership, User
from accounts.permissions import Action, allows
from accounts.prepared import Prepared, prepared
from chat.models import (
    Access,
    Conversation,
    Message,
    Placement,
    QueuedPrompt,
    Run,
    Share,
)
from chat.table_access import get_table_for, table_code_of

if TYPE_CHECKING:
    from django.db.models import Manager, QuerySet


def user_of_session(session_key: str) -> User | None:
    """Look up the user of a session anew; return None after a sign-out, a ban or a new password."""
    if not session_key:
        return None
    request = HttpRequest()
    request.session = import_module(settings.SESSION_ENGINE).SessionStore(session_key)
    user = get_user(request)
    return user if isinstance(user, User) else None


@dataclass(frozen=True, slots=True)
class Grant:
    """A conversation that this member reaches, and what they may do with it."""

    conversation: Conversation
    membership: Membership
    can_write: bool
    # Whether anybody but its owner may read it.
    is_shared: bool
    # Where the member has it in their list; empty if it is among the others.
    place: str

    @property
    def is_owner(self) -> bool:
        return self.conversation.owner_id == self.membership.user_id

    @property
    def access_mark(self) -> str:
        """The access in words that a page keeps: it is told when they are other ones."""
        marks = {
            "write" if self.can_write else "read": True,
            "shared": self.is_shared,
            "temporary": self.conversation.is_temporary,
        }
        return " ".join(mark for mark, holds in marks.items() if holds)


def visible_conversations(user: Any, workspace: Any) -> QuerySet[Conversation]:
    """Return the user's own conversations and those shared with them, a group of theirs or the workspace.

    Both may also be keys, or parameters of a prepared query.
    """
    shared = Share.objects.filter(member__user=user, member__workspace=workspace)
    with_groups = Share.objects.filter(group__members__user=user, group__workspace=workspace)
    return Conversation.objects.filter(
        Q(owner=user)
        | Q(workspace_access__in=(Access.READ, Access.WRITE))
        | Q(pk__in=shared.values("conversation"))
        | Q(pk__in=with_groups.values("conversation")),
        workspace=workspace,
    )


def with_sharing(conversations: QuerySet[Conversation]) -> QuerySet[Conversation]:
    """Add ``is_shared``: whether anybody but its owner may read a conversation."""
    shared = ~Q(workspace_access=Access.NONE) | Q(Exists(Share.objects.filter(conversation=OuterRef("pk"))))
    return conversations.annotate(is_shared=ExpressionWrapper(shared, BooleanField()))


def with_place(conversations: QuerySet[Conversation], user: Any) -> QuerySet[Conversation]:
    """Add ``place``: where the user has a conversation in their list; None if it is among the others."""
    placements = Placement.objects.filter(conversation=OuterRef("pk"), user=user)
    return conversations.annotate(place=Subquery(placements.values("place")[:1]))


def get_conversation_for(user: User, code: UUID, action: Action = Action.READ) -> Grant:
    """Find a conversation that ``user`` may read, and check that they may do ``action`` with it.

    :raises Http404: it does not exist, is not shared with them, or they left its workspace.
    :raises PermissionDenied: they may read it, but neither their role nor a share allows more.
    """
    return _grant(Conversation.objects, user, code, action)


def was_deleted_for(user: User, code: UUID) -> bool:
    """Return whether a conversation that ``user`` could read was deleted, and is not purged yet."""
    try:
        grant = _grant(Conversation.with_deleted, user, code, Action.READ)
    except (Http404, PermissionDenied):
        return False
    return grant.conversation.deleted_at is not None


def workspace_was_deleted_for(user: User, code: UUID) -> bool:
    """Return whether ``user`` was in the workspace of a conversation, which is deleted and not purged."""
    suspended = Membership.with_suspended.filter(user=user, is_suspended=True)
    return suspended.filter(workspace__conversations__code=code).exists()


@cache
def _with_code(among: Manager[Conversation]) -> Prepared[Conversation]:
    """Return the query for a conversation with what a grant and its page need."""

    @prepared(code=UUIDField(), user=BigIntegerField())
    def found(code: Any, user: Any) -> QuerySet[Conversation]:
        conversations = among.select_related("workspace", "owner", "head", "model__provider")
        return with_place(with_sharing(conversations), user).filter(code=code)

    return found


def _grant(among: Manager[Conversation], user: User, code: UUID, action: Action) -> Grant:
    conversation = next(iter(_with_code(among)(code=code, user=user.pk)), None)
    if conversation is None:
        raise Http404
    membership = membership_in(conversation.workspace, user)
    if membership is None:
        raise Http404
    require_factor(membership)
    access = access_to(conversation, membership)
    if access == Access.NONE:
        raise Http404
    require(membership, action)
    can_write = access == Access.WRITE and allows(membership.role, Action.SEND)
    if action != Action.READ and not can_write:
        raise PermissionDenied
    return Grant(
        conversation,
        membership,
        can_write=can_write,
        is_shared=conversation.is_shared,  # type: ignore[attr-defined]  # annotated above
        place=conversation.place or "",  # type: ignore[attr-defined]
    )


def access_to(conversation: Conversation, membership: Membership) -> str:
    """Return the access that a member has, the widest one that was given, whatever their role allows."""
    if conversation.owner_id == membership.user_id or conversation.workspace_access == Access.WRITE:
        return Access.WRITE
    shares = [may for (may,) in _shares_of(conversation=conversation.pk, member=membership.pk)]
    if not shares:
        return conversation.workspace_access
    return Access.WRITE if any(shares) else Access.READ


@prepared(conversation=BigIntegerField(), member=BigIntegerField())
def _shares_of(conversation: Any, member: Any) -> QuerySet[Share, Any]:
    """Return whether each share with a member, or with a group that they are in, lets them write."""
    groups = Group.members.through.objects.filter(membership_id=member)
    shares = Share.objects.filter(conversation_id=conversation)
    held = Q(member_id=member) | Q(group__in=groups.values("group_id"))
    return shares.filter(held).values_list("can_write")


def get_own_conversation_for(user: User, code: UUID) -> Grant:
    """Find a conversation that ``user`` owns: to delete it, for example.

    :raises Http404: also for a column, which is shared and deleted with its comparison.
    :raises PermissionDenied: it is shared with them, but belongs to another user.
    """
    grant = get_conversation_for(user, code, Action.SEND)
    if grant.conversation.column_of_id is not None:
        raise Http404
    if not grant.is_owner:
        raise PermissionDenied
    return grant


def get_own_deleted_conversation_for(user: User, code: UUID) -> Grant:
    """Find a conversation that ``user`` owns, also if it is deleted: to restore it.

    :raises Http404: it was purged, belongs to another user, or they left its workspace.
    :raises PermissionDenied: their role no longer allows to write.
    """
    grant = _grant(Conversation.with_deleted, user, code, Action.READ)
    if not grant.is_owner or grant.conversation.column_of_id is not None:
        raise Http404
    require(grant.membership, Action.SEND)
    return grant


def get_message_for(user: User, code: UUID, action: Action = Action.READ) -> tuple[Message, Grant]:
    message = Message.objects.select_related("conversation", "parent").filter(code=code).first()
    if message is None:
        raise Http404
    return message, get_conversation_for(user, message.conversation.code, action)


def get_message_in(grant: Grant, code: str) -> Message:
    """Find a message of a conversation that the reader has reached.

    :raises Http404: it is no code, or that of another conversation's message.
    """
    try:
        return Message.objects.get(code=UUID(code), conversation=grant.conversation)
    except (ValueError, Message.DoesNotExist) as error:
        raise Http404 from error


def get_queued_prompt_for(user: User, code: UUID, action: Action = Action.READ) -> tuple[QueuedPrompt, Grant]:
    """Find a queued prompt of a conversation that ``user`` may read or write in.

    It raises the errors of :func:`get_conversation_for`.
    """
    queued = QueuedPrompt.objects.select_related("conversation", "author").filter(code=code).first()
    if queued is None:
        raise Http404
    return queued, get_conversation_for(user, queued.conversation.code, action)


def get_own_queued_prompt_for(user: User, code: UUID) -> tuple[QueuedPrompt, Grant]:
    """Find a queued prompt that ``user`` wrote: nobody changes the words that are sent in another's name.

    :raises PermissionDenied: another member wrote it, or the user may no longer write there.
    """
    queued, grant = get_queued_prompt_for(user, code, Action.SEND)
    if queued.author_id != user.pk:
        raise PermissionDenied
    return queued, grant


def get_run_for(user: User, code: UUID, action: Action = Action.READ) -> Run:
    """Find a run of a conversation, or for its title, that ``user`` may read, or a run of theirs without one.

    Runs of an experiment are read by those who may read its test table.

    It raises the errors of :func:`get_conversation_for`.
    """
    run = Run.objects.select_related("conversation", "answer", "title_of").filter(code=code).first()
    if run is None:
        raise Http404
    if run.subject is not None:
        found = get_conversation_for(user, run.subject.code, action).conversation
        if run.conversation is not None:
            run.conversation = found
        return run
    membership = (
        Membership.objects.select_related("user", "workspace")
        .filter(user=user, workspace=run.workspace_id)
        .first()
    )
    if membership is None:
        raise Http404
    require_factor(membership)
    code_of_table = table_code_of(run)
    if code_of_table is not None:
        get_table_for(
            membership, code_of_table, Action.READ if action == Action.READ else Action.EDIT_LIBRARY
        )
    elif run.user_id != user.pk:
        # Those of an experiment that was deleted stay with the person who started it.
        raise Http404
    require(membership, action)
    return run


def get_run_to_stop(user: User, code: UUID) -> Run:
    """Find a run that ``user`` may stop: their own, whatever they may still do, or one where they may write.

    It raises the errors of :func:`get_conversation_for`.
    """
    own = (
        Run.objects.select_related("conversation", "answer")
        .filter(code=code, user=user, conversation__deleted_at=None)
        .first()
    )
    return own or get_run_for(user, code, Action.SEND)
