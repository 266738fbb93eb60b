from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from django.shortcuts import render
from django.utils.timezone import localdate
from django_htmx.http import HttpResponseClientRefresh

from chat.access import get_conversation_for
from chat.models import Placement
from chat.pages.composer import Composer, composer_for
from chat.pages.conversation import (
    composer_context,
    conversation_context,
    live_run_in,
    page_fragment_context,
)
from chat.pages.messages import turns_after, whole_thread
from chat.pages.queue import queue_context
from chat.pages.sidebar import conversation_list, row_of

if TYPE_CHECKING:
    from uuid import UUID

    from django.http import HttpResponse

    from accounts.http import AuthenticatedHttpRequest
    from chat.access import Grant
    from chat.models import Run

# A page says with a prompt that its socket is open, and whether its conversation is the first of a list.
LIVE, FIRST = "X-Live", "first"


def show_queued(request: AuthenticatedHttpRequest, code: UUID) -> HttpResponse:
    """Answer with an empty composer and the queued prompts above it."""
    grant = get_conversation_for(request.user, code)
    composer = composer_for(grant.conversation, grant.membership)
    context = {**composer_context(grant, composer), **queue_context(grant)}
    return render(request, "chat/_queued.html", context)


def show_sent(request: AuthenticatedHttpRequest, code: UUID, known: UUID | None = None) -> HttpResponse:
    """Answer with an empty composer and what follows the message ``known``, or else the whole thread."""
    grant = get_conversation_for(request.user, code)
    return _show(request, grant, composer_for(grant.conversation, grant.membership), known)


def show_run(
    request: AuthenticatedHttpRequest, grant: Grant, composer: Composer, run: Run, known: UUID | None
) -> HttpResponse:
    """Answer like :func:`show_sent` to the prompt of a posted composer, which has just opened ``run``.

    What the request has read and stored is not read again, unless the same click had opened the run before.
    """
    conversation = run.thread
    if conversation.head_id != run.answer_id or "head" not in conversation._state.fields_cache:
        return show_sent(request, grant.conversation.code, known)
    conversation.owner = grant.conversation.owner
    # The answer shows no parameters: those of the page stay.
    fresh = Composer(composer.endpoint, form=None)
    was_changed_today = localdate(grant.conversation.updated_at) == localdate()
    grant = replace(grant, conversation=conversation)
    if conversation.column_of_id is None and (live := request.headers.get(LIVE)):
        stays = live == FIRST and (was_changed_today or grant.place == Placement.Place.PINNED)
        return _show_composer(request, grant, fresh, str(run.code), stays=stays)
    return _show(request, grant, fresh, known)


def _show_composer(
    request: AuthenticatedHttpRequest, grant: Grant, composer: Composer, live_run: str, *, stays: bool
) -> HttpResponse:
    """Answer with an empty composer and the row of the list to a page whose socket brings the turn.

    The allowance comes with the end of the answer. The whole list comes too, unless the row ``stays`` at its
    place.
    """
    code = grant.conversation.code
    context = composer_context(grant, composer, live_run)
    if stays:
        context["row"] = row_of(grant, code, is_live=True)
    else:
        context["listed"] = conversation_list(grant.membership, code)
    return render(request, "chat/_sent_live.html", context)


def _show(
    request: AuthenticatedHttpRequest, grant: Grant, composer: Composer, known: UUID | None
) -> HttpResponse:
    if request.htmx.target == "composer":
        # A page from before threads had ids of their own would show nothing of the answer.
        return HttpResponseClientRefresh()
    following = turns_after(grant, known) if known else None
    thread = whole_thread(grant) if following is None else None
    # A prompt that is sent once more adds nothing, and its answer may be under way.
    shown = following if thread is None else thread.turns
    live_run = live_run_in(shown) if shown else None
    context = {
        **page_fragment_context(grant, live_run),
        **composer_context(grant, composer, live_run),
        "is_whole": following is None,
        "turns": following,
        "thread": thread,
    }
    return render(request, "chat/_sent.html", context)


def show_sent_differently(request: AuthenticatedHttpRequest, grant: Grant) -> HttpResponse:
    """Answer after a prompt was sent with another model or other parameters than the page shows."""
    grant.conversation.refresh_from_db()
    composer = composer_for(grant.conversation, grant.membership)
    context = {**conversation_context(grant, composer), "is_whole": True}
    return render(request, "chat/_sent_differently.html", context)
