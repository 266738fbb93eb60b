"""The start of an experiment."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from accounts.access import get_membership_for, require
from accounts.permissions import Action
from chat.evaluation.check_kinds import JUDGE
from chat.exceptions import ExperimentRefused
from chat.flows.advance_experiment import advance_experiment
from chat.flows.start_experiment import start_experiment
from chat.forms.experiments import ExperimentForm
from chat.pages.new_experiment import asked_of, choices_for, chosen_first, digest_of, new_context, plan_of
from chat.pages.parameter_sets import SetEditor, posted_sets
from chat.relays import background
from chat.table_access import get_table_for

if TYPE_CHECKING:
    from django.http import HttpResponse, QueryDict

    from accounts.http import AuthenticatedHttpRequest
    from chat.models import Experiment, TableOfCases
    from chat.pages.new_experiment import Asked, Choices

LACKING = "Some models have no place for all parameters. Look at the list below, then start again."

WITH_FILE = "“{name}” needs a file for “{variable}”, but cases hold texts. Choose another prompt."


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def new(request: AuthenticatedHttpRequest, slug: str, code: UUID) -> HttpResponse:
    """Show the form of a new experiment, change its sets of parameters, and start what it posts."""
    membership = get_membership_for(request.user, slug)
    table = get_table_for(membership, code, Action.EDIT_LIBRARY)
    require(membership, Action.SEND)
    choices, posted = choices_for(membership), request.POST
    # A link, such as that of an import, may choose prompts and models.
    if request.method != "POST":
        posted = request.GET
    prompts, models = posted.getlist("prompts"), posted.getlist("models")
    asked = asked_of(choices, prompts, models, posted.get("system", ""), posted.get("text", ""))
    editor = posted_sets(membership, posted, asked.endpoints)
    form = ExperimentForm(
        chosen_first(choices.prompts, prompts),
        chosen_first(choices.models, models),
        has_judge=any(check.kind == JUDGE for check in table.check_settings),
        data=posted if request.method == "POST" and "act" not in posted else None,
        initial={**_typed(posted), "prompts": prompts, "models": models},
    )
    if form.is_bound:
        experiment = _start(request, table, choices, asked, form, editor)
        if experiment is not None:
            return redirect("chat:experiment", slug, code, experiment.number)
    context = new_context(membership, table, form, asked, editor)
    return render(request, "chat/experiment_new.html", context, status=422 if form.is_bound else 200)


def _typed(posted: QueryDict) -> dict[str, object]:
    """Return what was typed so far; a page that is new has its usual values."""
    return dict(posted.dict()) if "act" in posted else {}


def _start(
    request: AuthenticatedHttpRequest,
    table: TableOfCases,
    choices: Choices,
    asked: Asked,
    form: ExperimentForm,
    editor: SetEditor,
) -> Experiment | None:
    """Start what was posted; return None if the page has to show why it does not."""
    for name, variable in asked.file_variables:
        form.add_error("prompts", WITH_FILE.format(name=name, variable=variable))
    # A list, so that both collect their errors.
    if not all([form.is_valid(), editor.is_valid()]):
        return None
    plan = plan_of(choices, asked, form.cleaned_data, editor.sets)
    if form.cleaned_data["noted"] != digest_of(plan.lacking()):
        form.add_error(None, LACKING)
        return None
    try:
        experiment = start_experiment(table, plan, actor=request.user, key=form.cleaned_data["key"])
    except ExperimentRefused as refusal:
        form.add_error(None, str(refusal))
        return None
    for run in advance_experiment(experiment.pk):
        background.start(run)
    return experiment
