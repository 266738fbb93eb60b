"""Experiments of a test table: their list, and the progress and the results of one."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from accounts.access import get_membership_for, require
from accounts.permissions import Action
from chat.exporting.results import result_portions
from chat.flows.delete_experiment import delete_experiment
from chat.flows.steer_experiment import pause_experiment, stop_experiment
from chat.pages.experiments import list_of_experiments
from chat.relays import background
from chat.table_access import get_experiment_of, get_table_of
from chat.views.downloads import as_file

if TYPE_CHECKING:
    from django.http import HttpResponse, StreamingHttpResponse

    from accounts.http import AuthenticatedHttpRequest
    from accounts.models import Membership
    from chat.models import Experiment


@require_safe
@login_required
def experiments(request: AuthenticatedHttpRequest, slug: str, code: UUID) -> HttpResponse:
    membership = get_membership_for(request.user, slug)
    table = get_table_of(membership.workspace, code)
    return render(request, "chat/experiments.html", list_of_experiments(membership, table))


@require_POST
@login_required
def pause(request: AuthenticatedHttpRequest, slug: str, code: UUID, number: int) -> HttpResponse:
    membership, found = _found(request, slug, code, number)
    require(membership, Action.SEND)
    pause_experiment(found, actor=request.user)
    return redirect("chat:experiment", slug, code, number)


@require_POST
@login_required
def stop(request: AuthenticatedHttpRequest, slug: str, code: UUID, number: int) -> HttpResponse:
    membership, found = _found(request, slug, code, number)
    require(membership, Action.SEND)
    for run in stop_experiment(found, actor=request.user):
        background.stop(run)
    return redirect("chat:experiment", slug, code, number)


@require_POST
@login_required
def delete(request: AuthenticatedHttpRequest, slug: str, code: UUID, number: int) -> HttpResponse:
    membership, found = _found(request, slug, code, number)
    require(membership, Action.EDIT_LIBRARY)
    for run in stop_experiment(found, actor=request.user):
        background.stop(run)
    delete_experiment(found, actor=request.user)
    messages.success(request, f"{found} was deleted.")
    return redirect("chat:experiments", slug, code)


@require_safe
@login_required
def export(request: AuthenticatedHttpRequest, slug: str, code: UUID, number: int) -> StreamingHttpResponse:
    """Send all results as a file: CSV, or JSON Lines with ``?as=jsonl``."""
    _, found = _found(request, slug, code, number)
    is_lines = request.GET.get("as") == "jsonl"
    portions = result_portions(found, is_lines=is_lines)
    return as_file(portions, f"{found.table.name} {number}", ".jsonl" if is_lines else ".csv")


def _found(
    request: AuthenticatedHttpRequest, slug: str, code: UUID, number: int
) -> tuple[Membership, Experiment]:
    membership = get_membership_for(request.user, slug)
    table = get_table_of(membership.workspace, code)
    return membership, get_experiment_of(table, number)
