from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from accounts.access import get_membership_for, require
from accounts.permissions import Action
from chat.columns import get_comparison_for, get_listed_conversation_for, get_message_in_columns
from chat.exceptions import AnswerPending, ColumnRefused, ConversationGone, PromptRefused
from chat.flows.build_request import Choice
from chat.flows.compare_conversation import compare_conversation
from chat.flows.create_comparison import create_comparison, empty_comparison
from chat.flows.send_to_columns import ToColumn, send_to_columns
from chat.flows.stop_columns import stop_columns
from chat.forms.comparisons import ColumnsForm
from chat.models import FEWEST_COLUMNS
from chat.pages.blind import refusal_without_names
from chat.pages.comparison import (
    ColumnHit,
    ColumnRefusal,
    SharedComposer,
    changed_context,
    comparison_context,
    figures_context,
    first_endpoints,
    model_name_in,
    shared_composer_context,
)
from chat.pages.composer import Refusal, composer_for
from chat.relays import background
from chat.views.changing import go_to, uuid_or_none
from chat.views.composing import UPLOAD, checked_choice, named_uploads, read_composer, unsent_files
from chat.views.refusing import Refused, refusals

if TYPE_CHECKING:
    from accounts.http import AuthenticatedHttpRequest
    from chat.access import Grant
    from chat.columns import Compared
    from chat.pages.composer import Composer


@require_POST
@login_required
def new_comparison(request: AuthenticatedHttpRequest, slug: str) -> HttpResponse:
    """Create a comparison of the member's usual model with another one, or open an empty one again."""
    membership = get_membership_for(request.user, slug)
    require(membership, Action.SEND)
    workspace = membership.workspace
    entry = empty_comparison(workspace, request.user)
    if entry is None:
        endpoints = first_endpoints(membership, FEWEST_COLUMNS)
        choices = [Choice(each, {}) if each else None for each in endpoints]
        entry = create_comparison(workspace, request.user, choices)
    return redirect("chat:comparison", entry.code)


@require_safe
@login_required
def comparison(request: AuthenticatedHttpRequest, code: UUID) -> HttpResponse:
    compared = get_comparison_for(request.user, code)
    uploads = named_uploads(compared.entry.membership, request.GET.getlist(UPLOAD))
    focused, hit = uuid_or_none(request.GET.get("column", "")), None
    if "at" in request.GET:
        hit = ColumnHit(get_message_in_columns(compared, request.GET["at"]), request.GET.get("q", ""))
        focused = hit.message.conversation.code
    context = comparison_context(compared, SharedComposer(attachments=uploads), focused, hit)
    return render(request, "chat/comparison/comparison.html", context)


@require_POST
@login_required
def send(request: AuthenticatedHttpRequest, code: UUID) -> HttpResponse:
    """Send a prompt to the chosen columns. The sockets of the page bring the turns."""
    compared = get_comparison_for(request.user, code, Action.SEND)
    form = ColumnsForm(request.POST)
    shared = _shared(request, compared, form)
    if not form.is_valid():
        shared.errors = tuple(str(error) for group in form.errors.values() for error in group)
        return _refuse(request, compared, shared)
    chosen = [each for each in compared.columns if each.conversation.code in form.cleaned_data["column"]]
    if len(chosen) < len(form.cleaned_data["column"]):
        raise Http404
    composers = [read_composer(request, each.conversation, each.membership, form) for each in chosen]
    parts, refused = _checked(compared, chosen, composers, form)
    if refused:
        shared.refused = tuple(refused)
        return _refuse(request, compared, shared)
    data = form.cleaned_data
    entry = compared.entry.conversation
    try:
        runs = send_to_columns(
            entry, request.user, data["text"], parts, data["idempotency_key"], data["attachments"]
        )
    except ColumnRefused as refusal:
        shared.refused = (_of_flow(compared, refusal),)
        return _refuse(request, compared, shared)
    except ConversationGone as error:
        raise Http404 from error
    except PromptRefused as refusal:
        shared.errors = (str(refusal),)
        return _refuse(request, compared, shared)
    for run in runs:
        background.start(run)
    compared.entry.conversation.refresh_from_db()
    context = {**_composer_context(compared, SharedComposer()), **changed_context(compared)}
    return render(request, "chat/comparison/_sent.html", context)


@require_safe
@login_required
def figures(request: AuthenticatedHttpRequest, code: UUID) -> HttpResponse:
    """Show the figures of the last answers once more, after one has ended."""
    context = figures_context(get_comparison_for(request.user, code))
    return render(request, "chat/comparison/_figures.html", context)


@require_POST
@login_required
def compare(request: AuthenticatedHttpRequest, code: UUID) -> HttpResponse:
    """Compare a conversation with the answers of another model. Reading is enough: it is copied."""
    grant = get_listed_conversation_for(request.user, code)
    require(grant.membership, Action.SEND)
    try:
        others = first_endpoints(grant.membership, FEWEST_COLUMNS)
        used = grant.conversation.model_id
        other = next((each for each in others if each and each.model_id != used), None)
        entry = compare_conversation(grant.conversation, request.user, [other])
    except AnswerPending as refusal:
        messages.error(request, str(refusal))
        return go_to(request, reverse("chat:conversation", args=[code]))
    except ConversationGone as error:
        raise Http404 from error
    return go_to(request, reverse("chat:comparison", args=[entry.code]))


@require_POST
@login_required
def stop(request: AuthenticatedHttpRequest, code: UUID) -> HttpResponse:
    """Ask the answers in all columns to stop; who may only read stops their own."""
    entry = get_comparison_for(request.user, code).entry
    for run in stop_columns(entry.conversation, request.user, only_own=not entry.can_write):
        background.stop(run)
    return HttpResponse(status=HTTPStatus.NO_CONTENT)


def _shared(request: AuthenticatedHttpRequest, compared: Compared, form: ColumnsForm) -> SharedComposer:
    """Return the posted composer, so that a refusal can show it again as the user left it."""
    form.is_valid()
    files = unsent_files(compared.entry.membership, form.cleaned_data.get("attachments", ()))
    return SharedComposer(prompt_text=request.POST.get("text", ""), attachments=files)


def _checked(
    compared: Compared, chosen: list[Grant], composers: list[Composer], form: ColumnsForm
) -> tuple[list[ToColumn], list[ColumnRefusal]]:
    """Return what each column is sent, or the refusals of those whose model or parameters are not valid."""
    parts, refused = [], []
    for column, composer in zip(chosen, composers, strict=True):
        try:
            parts.append(ToColumn(column.conversation, checked_choice(composer, form, column.membership)))
        except Refused as error:
            refused.append(_refusal_of(compared, column, composer, error.refusal))
    return parts, refused


def _of_flow(compared: Compared, refused: ColumnRefused) -> ColumnRefusal:
    column = next(each for each in compared.columns if each.conversation.code == refused.column)
    composer = composer_for(column.conversation, column.membership)
    try:
        with refusals():
            raise refused.reason
    except Refused as error:
        return _refusal_of(compared, column, composer, error.refusal)
    except Http404:
        gone = Refusal(("This column was removed in the meantime. Reload the page.",))
        return _refusal_of(compared, column, composer, gone)


def _refusal_of(compared: Compared, column: Grant, composer: Composer, refusal: Refusal) -> ColumnRefusal:
    number = compared.columns.index(column) + 1
    if column.conversation.is_blind:
        refusal = refusal_without_names(refusal, composer)
    return ColumnRefusal(number, model_name_in(column.conversation, composer), refusal)


def _composer_context(compared: Compared, shared: SharedComposer) -> dict[str, object]:
    composers = [composer_for(each.conversation, each.membership) for each in compared.columns]
    return shared_composer_context(compared, shared, composers)


def _refuse(request: AuthenticatedHttpRequest, compared: Compared, shared: SharedComposer) -> HttpResponse:
    """Answer with the composer and the reasons why no column was sent the prompt."""
    return render(
        request,
        "chat/comparison/_composer.html",
        _composer_context(compared, shared),
        status=HTTPStatus.UNPROCESSABLE_ENTITY,
    )
