"""Contexts of the playground page and of the fragments that it is made of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db.models import BigIntegerField
from django.urls import reverse

from accounts import ledger
from accounts.access import memberships_of
from accounts.permissions import Action, allows, may_create_workspace
from accounts.prepared import prepared
from chat.models import Run
from chat.pages.blind import fields_without_names
from chat.pages.composer import composer_fields, has_ready_model
from chat.pages.hits import for_reading, opening_at
from chat.pages.messages import Thread, opening, turns_before
from chat.pages.queue import queue_of
from chat.pages.sidebar import conversation_list
from chat.pages.system_prompt import block_of, new_block
from playground.parameters.schema.output_length import asked_output

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from django.db.models import QuerySet

    from accounts.models import Membership
    from chat.access import Grant
    from chat.models import Conversation, Message
    from chat.pages.composer import Composer
    from chat.pages.messages import MessageView
    from chat.pages.system_prompt import SystemBlock


@dataclass(frozen=True, slots=True)
class Can:
    send: bool
    rename: bool
    share: bool
    delete: bool
    manage: bool


def new_chat_context(membership: Membership, composer: Composer) -> dict[str, Any]:
    role = membership.role
    sends = allows(role, Action.SEND)
    slug = membership.workspace.slug
    return {
        "conversation": None,
        "head": "",
        "thread": Thread([]),
        "can": Can(sends, False, False, False, allows(role, Action.MANAGE_PEOPLE)),
        "send_url": reverse("chat:start", args=[slug]),
        "configure_url": reverse("chat:configure_new", args=[slug]),
        "live_run": "",
        "may_be_temporary": sends and membership.workspace.allows_temporary,
        "is_temporary": composer.is_temporary,
        "system": new_block(composer.system_text, composer.endpoint, composer.system_of),
        # The welcome page of a demo model leads to real ones.
        "real_is_ready": has_ready_model(membership),
        **composer_fields(membership, composer),
        **around(membership, memberships_of(membership.user), None),
    }


def conversation_context(
    grant: Grant, composer: Composer, found: Message | None = None, query: str = ""
) -> dict[str, Any]:
    """Return the context of a conversation's page, which opens at the message that a search has found."""
    return {
        **thread_context(grant, composer, found, query),
        **around(grant.membership, memberships_of(grant.membership.user), grant.conversation.code),
    }


def thread_context(
    grant: Grant, composer: Composer, found: Message | None = None, query: str = ""
) -> dict[str, Any]:
    """Return the context of a thread with its composer, without what is beside it on the page."""
    conversation = grant.conversation
    thread, opened = opening_at(grant, found, query) if found else (opening(grant), None)
    live_run = live_run_in(thread.turns)
    return {
        "conversation": conversation,
        "head": str(conversation.head.code) if conversation.head else "",
        "thread": thread,
        "opened": opened,
        "place": grant.place,
        "system": block_of(conversation, composer.endpoint),
        "queue": queue_of(grant),
        "can_queue": grant.can_write,
        **_composer_at(grant, composer, _stoppable(grant, live_run)),
    }


def live_run_in(shown: Sequence[MessageView]) -> str:
    """Return the code of the live run at the end of the messages that a page shows, else an empty one.

    It is not read again: if the composer saw it as live and the thread showed it as ended, the composer would
    wait for ever.
    """
    last = shown[-1].run if shown else None
    return str(last.code) if last and last.is_live else ""


def composer_context(grant: Grant, composer: Composer, live_run: str | None = None) -> dict[str, Any]:
    """Return the context of an existing conversation's composer without its page.

    ``live_run`` is that of :func:`page_fragment_context`.
    """
    live_run = live_run_of(grant.conversation) if live_run is None else live_run
    return _composer_at(grant, composer, _stoppable(grant, live_run))


def _composer_at(grant: Grant, composer: Composer, live_run: str) -> dict[str, Any]:
    conversation = grant.conversation
    fields = composer_fields(grant.membership, composer)
    return {
        "conversation": conversation,
        "can": can_in(grant),
        "send_url": reverse("chat:send", args=[conversation.code]),
        "configure_url": reverse("chat:configure", args=[conversation.code]),
        "live_run": live_run,
        "is_shared": grant.is_shared,
        "access_mark": grant.access_mark,
        **(fields_without_names(fields, composer) if conversation.is_blind else fields),
        "can_edit": grant.can_write,
        # The length of an answer that the stored parameters ask for: a page shows those of one column only.
        "output_asked": asked_output(conversation.parameters).length or 0,
    }


def earlier_context(grant: Grant, message: Message, *, is_apart: bool) -> dict[str, Any]:
    """Return the context of the messages above ``message``, without actions on a page that is apart."""
    conversation = grant.conversation
    thread = turns_before(grant, message)
    return {
        "workspace": conversation.workspace,
        "conversation": conversation,
        "can": can_in(grant),
        "thread": for_reading(thread) if is_apart else thread,
        "opened": {"is_apart": is_apart},
    }


def system_context(grant: Grant, block: SystemBlock) -> dict[str, Any]:
    """Return the context of a conversation's system prompt without its page."""
    return {"conversation": grant.conversation, "can": can_in(grant), "system": block}


def new_system_context(membership: Membership, block: SystemBlock) -> dict[str, Any]:
    """Return the context of a new chat's system prompt without its page."""
    can = Can(allows(membership.role, Action.SEND), False, False, False, False)
    return {"conversation": None, "workspace": membership.workspace, "can": can, "system": block}


def header_context(grant: Grant) -> dict[str, Any]:
    """Return the context of a conversation's title and actions."""
    return {
        "workspace": grant.conversation.workspace,
        "membership": grant.membership,
        "conversation": grant.conversation,
        "can": can_in(grant),
        "place": grant.place,
        "is_shared": grant.is_shared,
        "access_mark": grant.access_mark,
    }


def turns_context(grant: Grant, live_run: str) -> dict[str, Any]:
    """Return the context of messages without their page, and of the button that stops ``live_run``."""
    head = grant.conversation.head
    return {
        **header_context(grant),
        "head": str(head.code) if head else "",
        "live_run": _stoppable(grant, live_run),
    }


def page_fragment_context(grant: Grant, live_run: str | None = None) -> dict[str, Any]:
    """Return the context of the fragments that a socket or a small response brings up to date.

    ``live_run`` is the code of the live run at the end of the branch, or empty; it is looked up by default.
    """
    conversation = grant.conversation
    return {
        **turns_context(grant, live_run_of(conversation) if live_run is None else live_run),
        "membership": grant.membership,
        "allowance": ledger.tightest_of(conversation.workspace, grant.membership.user),
        "listed": conversation_list(grant.membership, listed_code(conversation)),
    }


def listed_code(conversation: Conversation) -> UUID:
    """Return the code of the conversation that the list shows: a column's is that of its comparison."""
    return conversation.code if conversation.column_of is None else conversation.column_of.code


def title_context(grant: Grant) -> dict[str, Any]:
    """Return the context of a title that has changed. A title by a model has cost something."""
    conversation = grant.conversation
    allowance = ledger.tightest_of(conversation.workspace, grant.membership.user)
    return {"conversation": conversation, "allowance": allowance}


def live_run_of(conversation: Conversation) -> str:
    """Return the code of the live run at the end of the branch that the page shows, else an empty one."""
    if conversation.head_id is None:
        return ""
    live = _live_runs(conversation=conversation.pk, answer=conversation.head_id)
    return next((str(code) for (code,) in live), "")


@prepared(conversation=BigIntegerField(), answer=BigIntegerField())
def _live_runs(conversation: Any, answer: Any) -> QuerySet[Run, Any]:
    live = Run.objects.filter(conversation_id=conversation, answer_id=answer, status__in=Run.LIVE)
    return live.values_list("code")


def _stoppable(grant: Grant, live_run: str) -> str:
    """Return the live run if the member may stop it, else an empty code."""
    # A member who may no longer write can still stop their own answers: see get_run_to_stop().
    if not live_run or grant.can_write:
        return live_run
    return live_run if Run.objects.filter(code=live_run, user=grant.membership.user).exists() else ""


def can_in(grant: Grant) -> Can:
    """Return what the member may do with a conversation."""
    mine = grant.is_owner and grant.can_write
    manages = allows(grant.membership.role, Action.MANAGE_PEOPLE)
    is_kept = not grant.conversation.is_temporary
    return Can(grant.can_write, grant.can_write and is_kept, mine and is_kept, mine, manages)


def around(membership: Membership, every: Sequence[Membership], current: UUID | None) -> dict[str, Any]:
    """Return the context of everything beside a page's threads and composer.

    :param every: the memberships among which the page switches.
    """
    return {
        "memberships": every,
        "can_create_workspace": may_create_workspace(each.role for each in every),
        "listed": conversation_list(membership, current),
        "allowance": ledger.tightest_of(membership.workspace, membership.user),
    }
