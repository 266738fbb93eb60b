"""Frames for what has changed in a conversation: new turns, another branch, answers that have ended."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db.models import BigIntegerField
from django.template.loader import get_template

from accounts.prepared import prepared
from chat.access import get_conversation_for
from chat.models import Run
from chat.pages.composer import chosen_endpoint, composer_for
from chat.pages.conversation import (
    composer_context,
    system_context,
    title_context,
    turns_context,
)
from chat.pages.messages import shorter, turns_after, whole_thread
from chat.pages.queue import queue_context
from chat.pages.system_prompt import block_of
from chat.sockets.ends import done, ended_of, frames_of
from chat.transcript import Tree

if TYPE_CHECKING:
    from collections.abc import Collection

    from django.db.models import QuerySet

    from accounts.models import User
    from chat.access import Grant
    from chat.models import Conversation


__all__ = ["MOST_CHARACTERS", "News", "done", "news"]

# The longest HTML of a frame with several messages. A page loads what is above them by itself.
MOST_CHARACTERS = 1024 * 1024


@dataclass(frozen=True, slots=True)
class News:
    """The changes of a conversation that a page lacks, apart from the text of live runs."""

    html: str
    head: str
    title: str
    # Live runs on the shown branch, with the owners of their leases.
    live: dict[UUID, str]
    # Runs that have ended and that the page still shows as live.
    ended: list[UUID]
    # The access of the reader, as :attr:`chat.access.Grant.access_mark` says it.
    access: str = ""
    # The key of the current system prompt, or an empty text.
    system: str = ""
    # The version of the queued prompts.
    queue: str = ""
    # The number of the reader's unread notices.
    unread: str = ""
    hides_names: bool = False
    # The frames for runs that have ended, by their codes.
    done: dict[UUID, str] = field(default_factory=dict)


def news(
    user: User,
    conversation_code: UUID,
    known_head: str,
    shown_live: Collection[UUID],
    known_title: str | None = None,
    known_access: str | None = None,
    known_system: str | None = None,
    known_queue: str | None = None,
    known_unread: str | None = None,
    watched: Collection[UUID] = (),
) -> News:
    """Look up what a page with that head and title lacks: the turns that follow, or the whole thread.

    If the reader may do more or less than the page knows, it lacks the parts that depend on that. Runs that
    are still ``watched`` get no frame for their end.

    :raises Http404, PermissionDenied: the reader has no access, or has lost it.
    """
    grant = get_conversation_for(user, conversation_code)
    conversation = grant.conversation
    if conversation.is_comparison:
        return _news_of_comparison(grant, known_title, known_access, known_queue)
    head = str(conversation.head.code) if conversation.head else ""
    shown = (grant.access_mark, *_shown_aside(grant))
    aside = _title(grant, known_title) + _system(grant, known_system, known_access)
    aside += _queue(grant, known_queue, known_access) + _bell(grant, known_unread)
    # Reading the tree takes long in a conversation of thousands of messages, and mostly nothing has changed.
    is_known = head == known_head and known_access in (None, grant.access_mark)
    if is_known and not shown_live and not _live_runs(conversation=conversation.pk):
        return News(aside, head, conversation.title, {}, [], *shown)
    tree = Tree(conversation)
    # The live runs are read before the turns are rendered: a run that ends in between is shown as ended and
    # reported as live, which costs a frame. In the other order the page would wait for ever.
    live, live_run = _live(conversation, tree.path(conversation.head_id))
    if _has_other_access(grant, known_access):
        # Every message has buttons for those who may write.
        html = _thread(grant, "", live_run, tree) + _composer(grant)
    else:
        html = "" if head == known_head else _thread(grant, known_head, live_run, tree)
    if known_access not in (None, grant.access_mark):
        html += get_template("chat/frames/header.html").render(turns_context(grant, live_run))
    ended = ended_of(conversation, [code for code in shown_live if code not in live])
    done = frames_of([run for code, run in ended.items() if code not in watched], grant, live_run, tree)
    return News(html + aside, head, conversation.title, live, list(ended), *shown, done)


def _shown_aside(grant: Grant) -> tuple[str, str, str, bool]:
    """Return the system prompt, the queue and the number of notices, as a page says what it shows of them.

    At last, whether it hides the names of models.
    """
    conversation = grant.conversation
    system, queue = conversation.system_prompt_id or "", conversation.queue_version
    return str(system), str(queue), str(grant.membership.unread), conversation.is_blind


def _news_of_comparison(
    grant: Grant, known_title: str | None, known_access: str | None, known_version: str | None
) -> News:
    """Look up what a page lacks of a comparison: its title, and word of changes that need a new page."""
    entry, access = grant.conversation, grant.access_mark
    version = str(entry.queue_version)
    html = _title(grant, known_title)
    if known_access not in (None, access):
        html += get_template("chat/frames/header.html").render(turns_context(grant, ""))
    if known_version not in (None, version) or _has_other_access(grant, known_access):
        context = {"entry": entry, "version": version, "is_oob": True}
        html += get_template("chat/comparison/_columns_version.html").render(context)
    return News(html, "", entry.title, {}, [], access, *_shown_aside(grant))


def _live(conversation: Conversation, path: list[int]) -> tuple[dict[UUID, str], str]:
    """Return the live runs of a branch with the owners of their leases, and the one at its end, if any."""
    shown = set(path)
    rows = [row for row in _live_runs(conversation=conversation.pk) if row[1] in shown]
    at_end = (str(code) for code, answer, _ in rows if answer == conversation.head_id)
    return {code: owner for code, _, owner in rows}, next(at_end, "")


@prepared(conversation=BigIntegerField())
def _live_runs(conversation: Any) -> QuerySet[Run, Any]:
    live = Run.objects.filter(conversation_id=conversation, status__in=Run.LIVE)
    return live.values_list("code", "answer", "lease_owner")


def _may_write(access: str) -> bool:
    return access.startswith("write")


def _composer(grant: Grant) -> str:
    """Render the composer, the picker and the parameters as the reader may use them now."""
    composer = composer_for(grant.conversation, grant.membership)
    return get_template("chat/_configured.html").render(composer_context(grant, composer))


def _title(grant: Grant, known_title: str | None) -> str:
    if known_title in (None, grant.conversation.title):
        return ""
    return get_template("chat/frames/title.html").render(title_context(grant))


def _system(grant: Grant, known: str | None, known_access: str | None) -> str:
    """Render the system prompt for a page that shows another one, or buttons of another access."""
    current = str(grant.conversation.system_prompt_id or "")
    if known is None or (known == current and not _has_other_access(grant, known_access)):
        return ""
    block = block_of(grant.conversation, chosen_endpoint(grant.conversation, grant.membership))
    context = {**system_context(grant, block), "is_oob": True}
    return get_template("chat/_system_prompt.html").render(context)


def _queue(grant: Grant, known: str | None, known_access: str | None) -> str:
    """Render the queued prompts for a page that shows other ones, or buttons of another access."""
    current = str(grant.conversation.queue_version)
    if known is None or (known == current and not _has_other_access(grant, known_access)):
        return ""
    return get_template("chat/frames/queue.html").render(queue_context(grant))


def _bell(grant: Grant, known: str | None) -> str:
    """Render the bell for a page that shows another number of unread notices."""
    if known in (None, str(grant.membership.unread)):
        return ""
    context = {"membership": grant.membership, "workspace": grant.conversation.workspace}
    return get_template("chat/frames/bell.html").render(context)


def _has_other_access(grant: Grant, known: str | None) -> bool:
    return known is not None and _may_write(known) != grant.can_write


def _thread(grant: Grant, known_head: str, live_run: str, tree: Tree) -> str:
    following = turns_after(grant, UUID(known_head), tree) if known_head else None
    context = turns_context(grant, live_run)
    if following:
        html = get_template("chat/frames/turn.html").render({**context, "turns": following})
        if len(following) == 1 or len(html) <= MOST_CHARACTERS:
            return html
    template, thread = get_template("chat/frames/thread.html"), whole_thread(grant)
    html = template.render({**context, "thread": thread})
    while len(html) > MOST_CHARACTERS and len(thread.turns) > 1:
        thread = shorter(thread)
        html = template.render({**context, "thread": thread})
    return html
