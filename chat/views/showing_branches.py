"""The answer to a change of a branch: the thread as it is now, or the reason why nothing has changed."""

from __future__ import annotations

from contextlib import contextmanager
from http import HTTPStatus
from typing import TYPE_CHECKING

from django.http import Http404
from django.shortcuts import redirect, render

from chat.access import get_conversation_for
from chat.exceptions import ChangeRefused, ConversationGone, PromptRefused
from chat.pages.conversation import page_fragment_context
from chat.pages.messages import whole_thread

if TYPE_CHECKING:
    from collections.abc import Iterator
    from uuid import UUID

    from django.forms import Form
    from django.http import HttpResponse

    from accounts.http import AuthenticatedHttpRequest
    from chat.flows.delete_message import Deleted
    from chat.models import Message


class Unchanged(Exception):
    """A change that was not made, with the words that say why."""

    def response(self, request: AuthenticatedHttpRequest) -> HttpResponse:
        """Tell the reason in a notice; the form with the user's words stays open."""
        context = {"words": str(self)}
        return render(request, "chat/_unchanged.html", context, status=HTTPStatus.UNPROCESSABLE_ENTITY)


@contextmanager
def changes(form: Form | None = None) -> Iterator[None]:
    """Raise an invalid form and every refusal of a flow as :class:`Unchanged`.

    :raises Http404: the conversation is gone.
    """
    if form is not None and not form.is_valid():
        raise Unchanged(words_of(form))
    try:
        yield
    except (ChangeRefused, PromptRefused) as refusal:
        raise Unchanged(str(refusal)) from refusal
    except ConversationGone as error:
        raise Http404 from error


def words_of(form: Form) -> str:
    return " ".join(str(error) for errors in form.errors.values() for error in errors)


def show_branch(
    request: AuthenticatedHttpRequest,
    code: UUID,
    shown: Message | None = None,
    deleted: Deleted | None = None,
) -> HttpResponse:
    """Answer with the whole thread. The page goes to the message ``shown``; a deletion can be undone."""
    if not request.htmx:
        return redirect("chat:conversation", code)
    grant = get_conversation_for(request.user, code)
    context = {
        **page_fragment_context(grant),
        "thread": whole_thread(grant),
        "shown": shown,
        "deleted": deleted,
    }
    return render(request, "chat/_branch_changed.html", context)
