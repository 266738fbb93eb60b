"""Judging the answers of a comparison: hidden names, choices, results, and word differences."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse, HttpResponseBadRequest
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from accounts.permissions import Action
from chat.columns import get_column_for, get_comparison_for
from chat.exceptions import ConversationGone, NothingToChoose
from chat.flows.choose_answer import choose_answer
from chat.flows.hide_names import hide_names, show_names
from chat.forms.comparisons import AnswerChoiceForm
from chat.pages.choices import choices_of, results_in
from chat.pages.comparison import names_in
from chat.pages.difference import difference_context
from chat.views.changing import go_to

if TYPE_CHECKING:
    from accounts.http import AuthenticatedHttpRequest


@require_POST
@login_required
def blind(request: AuthenticatedHttpRequest, code: UUID) -> HttpResponse:
    """Hide the names of the models for everybody, or show them again."""
    entry = get_comparison_for(request.user, code, Action.SEND).entry.conversation
    change = hide_names if request.POST.get("on") == "yes" else show_names
    try:
        change(entry, request.user)
    except ConversationGone as error:
        raise Http404 from error
    return go_to(request, reverse("chat:comparison", args=[code]))


@require_POST
@login_required
def choose(request: AuthenticatedHttpRequest, code: UUID) -> HttpResponse:
    """Choose the answer of a column as the best one, with a note."""
    column, compared = get_column_for(request.user, code, Action.SEND)
    form = AnswerChoiceForm(request.POST)
    if not form.is_valid():
        return HttpResponseBadRequest()
    number = compared.columns.index(column) + 1
    try:
        choose_answer(column.conversation, request.user, form.cleaned_data["note"])
        messages.success(request, f"Your choice of column {number} is saved.")
    except NothingToChoose as refusal:
        messages.error(request, str(refusal))
    except ConversationGone as error:
        raise Http404 from error
    return go_to(request, reverse("chat:comparison", args=[compared.entry.conversation.code]))


@require_safe
@login_required
def results(request: AuthenticatedHttpRequest, code: UUID) -> HttpResponse:
    """Show the choices of a comparison, and how often each model of the workspace was chosen."""
    entry = get_comparison_for(request.user, code).entry.conversation
    context = {"choices": choices_of(entry), "results": results_in(entry.workspace)}
    return render(request, "chat/comparison/_results.html", context)


@require_safe
@login_required
def difference(request: AuthenticatedHttpRequest, code: UUID) -> HttpResponse:
    """Show the word-level difference of the last answers of two columns."""
    compared = get_comparison_for(request.user, code)
    asked = request.GET.get("before", ""), request.GET.get("after", "")
    context = difference_context(compared, names_in(compared), *asked)
    return render(request, "chat/comparison/_difference.html", context)
