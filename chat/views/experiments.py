"""Experiments of a test table: their list, and the progress and the results of one."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import trigger_client_event

from accounts import money
from accounts.access import get_membership_for, require
from accounts.permissions import Action
from chat.exporting.results import result_portions
from chat.flows.advance_experiment import advance_experiment
from chat.flows.steer_experiment import pause_experiment, rerun_cells, resume_experiment, stop_experiment
from chat.forms.experiments import ResumeForm
from chat.library_access import require_writable
from chat.pages.experiments import figures_of, list_of_experiments, progress_context
from chat.pages.results import compare, results_context
from chat.relays import background
from chat.table_access import get_experiment_of, get_table_for
from chat.views.deleted_items import bring_back_item, delete_item, is_for_good
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
    table = get_table_for(membership, code)
    return render(request, "chat/experiments.html", list_of_experiments(membership, table))


@require_safe
@login_required
def experiment(request: AuthenticatedHttpRequest, slug: str, code: UUID, number: int) -> HttpResponse:
    membership, found = _found(request, slug, code, number)
    context = {**results_context(membership, found, request.GET.dict()), "resume": ResumeForm()}
    return render(request, "chat/experiment.html", context)


@require_safe
@login_required
def progress(request: AuthenticatedHttpRequest, slug: str, code: UUID, number: int) -> HttpResponse:
    """Send how far an experiment is, as a fragment that asks again while it is live."""
    membership, found = _found(request, slug, code, number)
    figures, number_of_other = figures_of(found), request.GET.get("compare", "")
    others = found.table.experiments.exclude(pk=found.pk)
    compared = next((each for each in others if str(each.number) == number_of_other), None)
    if compared is not None:
        compare(figures, compared)
    context = progress_context(membership, found, figures) | {"resume": ResumeForm(), "compared": compared}
    response = render(request, "chat/_experiment_progress.html", context)
    # The page then fetches the answers.
    return response if context["is_live"] else trigger_client_event(response, "experiment-ended")


@require_POST
@login_required
def pause(request: AuthenticatedHttpRequest, slug: str, code: UUID, number: int) -> HttpResponse:
    membership, found = _found(request, slug, code, number)
    _require_stoppable(membership, found)
    pause_experiment(found, actor=request.user)
    return redirect("chat:experiment", slug, code, number)


@require_POST
@login_required
def stop(request: AuthenticatedHttpRequest, slug: str, code: UUID, number: int) -> HttpResponse:
    membership, found = _found(request, slug, code, number)
    _require_stoppable(membership, found)
    for run in stop_experiment(found, actor=request.user):
        background.stop(run)
    return redirect("chat:experiment", slug, code, number)


@require_POST
@login_required
def resume(request: AuthenticatedHttpRequest, slug: str, code: UUID, number: int) -> HttpResponse:
    """Go on after a pause, with another cap if one is posted."""
    membership, found = _found(request, slug, code, number, Action.EDIT_LIBRARY)
    _require_own(membership, found)
    form = ResumeForm(request.POST)
    if not form.is_valid():
        messages.error(request, "Enter the cap as a number of dollars, such as 2.50.")
        return redirect("chat:experiment", slug, code, number)
    cap = form.cleaned_data["cap_usd"]
    resume_experiment(found, credits=None if cap is None else money.in_credits(cap), actor=request.user)
    _advance(found)
    return redirect("chat:experiment", slug, code, number)


@require_POST
@login_required
def rerun(request: AuthenticatedHttpRequest, slug: str, code: UUID, number: int) -> HttpResponse:
    """Run the cells in the posted states again."""
    membership, found = _found(request, slug, code, number, Action.EDIT_LIBRARY)
    _require_own(membership, found)
    count = rerun_cells(found, request.POST.getlist("state"), actor=request.user)
    if count:
        _advance(found)
        messages.success(
            request, f"{count:,} {'answer is' if count == 1 else 'answers are'} asked for again."
        )
    return redirect("chat:experiment", slug, code, number)


@require_POST
@login_required
def delete(request: AuthenticatedHttpRequest, slug: str, code: UUID, number: int) -> HttpResponse:
    """Delete an experiment, or with ``for_good`` remove one that was deleted before."""
    membership = get_membership_for(request.user, slug)
    table = get_table_for(membership, code, Action.EDIT_LIBRARY)
    delete_item(request, get_experiment_of(table, number, with_deleted=is_for_good(request)))
    return redirect("chat:experiments", slug, code)


@require_POST
@login_required
def bring_back(request: AuthenticatedHttpRequest, slug: str, code: UUID, number: int) -> HttpResponse:
    membership = get_membership_for(request.user, slug)
    table = get_table_for(membership, code, Action.EDIT_LIBRARY)
    bring_back_item(request, get_experiment_of(table, number, with_deleted=True))
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
    request: AuthenticatedHttpRequest,
    slug: str,
    code: UUID,
    number: int,
    action: Action = Action.READ,
) -> tuple[Membership, Experiment]:
    membership = get_membership_for(request.user, slug)
    table = get_table_for(membership, code, action)
    return membership, get_experiment_of(table, number)


def _require_stoppable(membership: Membership, experiment: Experiment) -> None:
    """Refuse readers of the table, but not the person who pays for the experiment."""
    require(membership, Action.SEND)
    if experiment.user_id != membership.user_id:
        require_writable(membership, experiment.table)


def _require_own(membership: Membership, experiment: Experiment) -> None:
    """Refuse to spend in the name of another person."""
    require(membership, Action.SEND)
    if experiment.user_id != membership.user_id:
        raise PermissionDenied


def _advance(experiment: Experiment) -> None:
    for run in advance_experiment(experiment.pk):
        background.start(run)
