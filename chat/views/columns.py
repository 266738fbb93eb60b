from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse, HttpResponseBadRequest
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from accounts.access import require
from accounts.permissions import Action
from chat.columns import get_column_for, get_comparison_for
from chat.exceptions import AnswerPending, ColumnsRefused, ConversationGone
from chat.flows.add_column import add_column, duplicate_column
from chat.flows.build_request import Choice
from chat.flows.copy_to_columns import CopiedPart, copy_to_columns
from chat.flows.go_on_with_column import go_on_with_column
from chat.flows.move_column import move_column
from chat.flows.remove_column import remove_column
from chat.forms.comparisons import CopyForm
from chat.pages.comparison import column_view, next_endpoint
from chat.pages.composer import composer_for
from chat.relays import background
from chat.views.changing import go_to

if TYPE_CHECKING:
    from collections.abc import Iterator

    from accounts.http import AuthenticatedHttpRequest
    from chat.models import Conversation

COPIED = {
    CopiedPart.SYSTEM: "The system prompt was copied to {columns}.",
    CopiedPart.PARAMETERS: "The parameters were copied to {columns}, as far as the models accept them.",
    CopiedPart.MESSAGES: "The messages were copied to {columns}. The earlier ones are another version.",
}
# The ways that a column is moved, and by how many places.
WAYS = {"left": -1, "right": 1}


@require_safe
@login_required
def settings(request: AuthenticatedHttpRequest, code: UUID) -> HttpResponse:
    """Show the model and the parameters of a column, in the panel beside the columns."""
    column, compared = get_column_for(request.user, code)
    view = column_view(compared, column, composer_for(column.conversation, column.membership))
    return render(request, "chat/comparison/_settings.html", view.context)


@require_POST
@login_required
def add(request: AuthenticatedHttpRequest, code: UUID) -> HttpResponse:
    """Add an empty column with a model that no other column has."""
    compared = get_comparison_for(request.user, code, Action.SEND)
    entry, shown = compared.entry.conversation, None
    with _refusals(request):
        endpoint = next_endpoint(compared)
        shown = add_column(entry, request.user, Choice(endpoint, {}) if endpoint else None)
    return _show(request, entry, shown)


@require_POST
@login_required
def duplicate(request: AuthenticatedHttpRequest, code: UUID) -> HttpResponse:
    column, compared = get_column_for(request.user, code, Action.SEND)
    shown = None
    with _refusals(request):
        shown = duplicate_column(column.conversation, request.user)
    return _show(request, compared.entry.conversation, shown)


@require_POST
@login_required
def move(request: AuthenticatedHttpRequest, code: UUID) -> HttpResponse:
    """Move a column one place to the ``left`` or ``right``, or to a ``place`` from 0."""
    column, compared = get_column_for(request.user, code, Action.SEND)
    way, place = request.POST.get("way", ""), request.POST.get("place", "")
    if place.isdecimal() and len(place) < 3:
        by = int(place) - compared.columns.index(column)
    elif way in WAYS:
        by = WAYS[way]
    else:
        return HttpResponseBadRequest()
    with _refusals(request):
        move_column(column.conversation, request.user, by=by)
    return _show(request, compared.entry.conversation, column.conversation)


@require_POST
@login_required
def copy(request: AuthenticatedHttpRequest, code: UUID) -> HttpResponse:
    """Copy the system prompt, the parameters or the messages of a column to chosen ones."""
    column, compared = get_column_for(request.user, code, Action.SEND)
    form = CopyForm(request.POST)
    form.is_valid()
    if "part" in form.errors:
        return HttpResponseBadRequest()
    part, to = CopiedPart(form.cleaned_data["part"]), form.cleaned_data.get("to", ())
    if not to:
        messages.error(request, " ".join(map(str, form.errors["to"])))
        return _show(request, compared.entry.conversation, column.conversation)
    with _refusals(request):
        count = copy_to_columns(column.conversation, request.user, part, to)
        columns = f"{count} column{'' if count == 1 else 's'}"
        messages.success(request, COPIED[part].format(columns=columns))
    return _show(request, compared.entry.conversation, column.conversation)


@require_POST
@login_required
def remove(request: AuthenticatedHttpRequest, code: UUID) -> HttpResponse:
    column, compared = get_column_for(request.user, code, Action.SEND)
    with _refusals(request):
        for run in remove_column(column.conversation, request.user):
            background.stop(run)
    return _show(request, compared.entry.conversation, None)


@require_POST
@login_required
def alone(request: AuthenticatedHttpRequest, code: UUID) -> HttpResponse:
    """Go on with a copy of the column in a chat of its own. Reading is enough, for who may have chats."""
    column, compared = get_column_for(request.user, code)
    require(column.membership, Action.SEND)
    url = reverse("chat:comparison", args=[compared.entry.conversation.code])
    with _refusals(request):
        made = go_on_with_column(column.conversation, request.user)
        url = reverse("chat:conversation", args=[made.code])
    return go_to(request, url)


@contextmanager
def _refusals(request: AuthenticatedHttpRequest) -> Iterator[None]:
    """Say on the next page why a change was refused.

    :raises Http404: the column or the comparison is gone.
    """
    try:
        yield
    except (AnswerPending, ColumnsRefused) as refusal:
        messages.error(request, str(refusal))
    except ConversationGone as error:
        raise Http404 from error


def _show(
    request: AuthenticatedHttpRequest, entry: Conversation, column: Conversation | None
) -> HttpResponse:
    """Lead to the page with the changed columns, with the settings of one in the panel."""
    url = reverse("chat:comparison", args=[entry.code])
    return go_to(request, f"{url}?{urlencode({'column': column.code})}" if column else url)
