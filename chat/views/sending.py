from __future__ import annotations

from typing import TYPE_CHECKING

from django.shortcuts import render
from django_htmx.http import HttpResponseClientRefresh

from chat.access import get_conversation_for
from chat.pages.composer import composer_for
from chat.pages.conversation import composer_context, live_run_in, page_fragment_context
from chat.pages.messages import turns_after, whole_thread
from chat.pages.queue import queue_context

if TYPE_CHECKING:
    from uuid import UUID

    from django.http import HttpResponse

    from accounts.http import AuthenticatedHttpRequest


def show_queued(request: AuthenticatedHttpRequest, code: UUID) -> HttpResponse:
    """Answer with an empty composer and the queued prompts above it."""
    grant = get_conversation_for(request.user, code)
    composer = composer_for(grant.conversation, grant.membership)
    context = {**composer_context(grant, composer), **queue_context(grant)}
    return render(request, "chat/_queued.html", context)


def show_sent(request: AuthenticatedHttpRequest, code: UUID, known: UUID | None = None) -> HttpResponse:
    """Answer with an empty composer and what follows the message ``known``, or else the whole thread."""
    if request.htmx.target == "composer":
        # A page from before threads had ids of their own would show nothing of the answer.
        return HttpResponseClientRefresh()
    grant = get_conversation_for(request.user, code)
    composer = composer_for(grant.conversation, grant.membership)
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
