from __future__ import annotations

from dataclasses import dataclass, field
from itertools import product
from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import UUID, uuid4

from django.db import connection, transaction
from django.db.models import Max

from accounts import audit, money
from accounts.flows.cap_batch import cap_batch
from accounts.models import AuditAction
from chat.evaluation.check_kinds import JUDGE
from chat.exceptions import CellRefused, ExperimentHalted, ExperimentRefused
from chat.flows.build_cell import answer_request, member_for, usable_endpoint
from chat.flows.fit_parameters import FittedParameters, fit_parameters
from chat.models import Cell, Experiment, Prompt, TableCase, TableOfCases, Variant
from chat.prompts.content import PromptContent
from chat.prompts.stored import to_text

if TYPE_CHECKING:
    from decimal import Decimal

    from accounts.models import User
    from playground.models import Endpoint

MAX_CELLS, MAX_VARIANTS, MAX_REPETITIONS, MAX_CONCURRENCY = 100_000, 24, 20, 20


class AskedPrompt(NamedTuple):
    """A prompt under its name with its version, or a typed one."""

    name: str
    content: PromptContent
    stored: Prompt | None = None


class ParameterSet(NamedTuple):
    """Parameters that were chosen at an endpoint of ``kind``; without one, they are sent as they are."""

    parameters: dict[str, Any]
    name: str = ""
    kind: str = ""

    @property
    def title(self) -> str:
        if self.name:
            return self.name
        return ", ".join(f"{name} {value}" for name, value in self.parameters.items()) or "no parameters"


@dataclass(frozen=True, slots=True)
class Plan:
    """The parts of an experiment. ``sends_lacking`` sends parameters too for which a schema has no place."""

    prompts: list[AskedPrompt]
    endpoints: list[Endpoint]
    sets: list[ParameterSet] = field(default_factory=lambda: [ParameterSet({})])
    repetitions: int = 1
    concurrency: int = 4
    cap_usd: Decimal | None = None
    judge: Endpoint | None = None
    sends_lacking: bool = False

    def lacking(self) -> dict[str, list[str]]:
        """Return the parameters that models have no place for, by the names of the models."""
        found: dict[str, list[str]] = {}
        for prompt, endpoint, chosen in product(self.prompts or [NO_PROMPT], self.endpoints, self.sets):
            names = found.setdefault(endpoint.model.name, [])
            names += [name for name in _fitted(prompt.content, endpoint, chosen).lacking if name not in names]
        return {model: names for model, names in found.items() if names}


NO_PROMPT = AskedPrompt("", PromptContent())


@transaction.atomic
def start_experiment(table: TableOfCases, plan: Plan, *, actor: User, key: UUID | None = None) -> Experiment:
    """Store an experiment with all its cells. :mod:`chat.flows.advance_experiment` runs them.

    The same ``key``, which becomes the experiment's code, always returns the same experiment.

    :raises ExperimentRefused: it would be too large, or no case can be sent with a variant.
    """
    locked = TableOfCases.objects.select_for_update().filter(pk=table.pk).first()
    if locked is None:
        raise ExperimentRefused("This test table was deleted.")
    code = key or uuid4()
    if (started := Experiment.with_deleted.filter(code=code).first()) is not None:
        if started.table_id != locked.pk:
            raise ExperimentRefused("This page is too old. Reload it and start again.")
        return started
    _refuse_size(locked, plan)
    last = Experiment.with_deleted.filter(table=locked).aggregate(last=Max("number"))["last"] or 0
    experiment = Experiment(
        code=code,
        table=locked,
        number=last + 1,
        user=actor,
        concurrency=plan.concurrency,
        repetitions=plan.repetitions,
        checks=locked.checks,
        columns=locked.columns,
        judge=plan.judge,
        judge_name=plan.judge.model.name if plan.judge else "",
    )
    if any(check.kind == JUDGE for check in locked.check_settings) and plan.judge is None:
        raise ExperimentRefused("Choose a model that judges.")
    if plan.cap_usd is not None:
        credits = money.in_credits(plan.cap_usd)
        experiment.cap = cap_batch(locked.workspace, experiment.code, credits, actor=actor)
    experiment.save(force_insert=True)
    variants = _variants(experiment, plan)
    _refuse_unsendable(experiment, variants, actor)
    Variant.objects.bulk_create(variants)
    _add_cells(experiment)
    _record(experiment, plan)
    return experiment


def _record(experiment: Experiment, plan: Plan) -> None:
    table = experiment.table
    audit.record(
        table.workspace_id,
        AuditAction.START_EXPERIMENT,
        actor=experiment.user,
        subject=table,
        code=table.code,
        after={
            "experiment": experiment.number,
            "models": sorted({endpoint.model.model_id for endpoint in plan.endpoints}),
            "cap in USD": plan.cap_usd,
        },
    )


def _refuse_size(table: TableOfCases, plan: Plan) -> None:
    count = len(plan.prompts) * len(plan.endpoints) * len(plan.sets)
    if not table.size:
        raise ExperimentRefused("The table has no cases yet.")
    if not count:
        raise ExperimentRefused("Choose at least one prompt and one model.")
    if count > MAX_VARIANTS:
        raise ExperimentRefused(
            f"Prompts × models × sets of parameters are {count}. At most {MAX_VARIANTS} are possible."
        )
    cells = table.size * count * plan.repetitions
    if cells > MAX_CELLS:
        raise ExperimentRefused(f"These are {cells:,} answers. At most {MAX_CELLS:,} are possible.")


def _variants(experiment: Experiment, plan: Plan) -> list[Variant]:
    made = []
    combined = product(plan.prompts, plan.endpoints, plan.sets)
    for number, (prompt, endpoint, chosen) in enumerate(combined, 1):
        fitted = _fitted(prompt.content, endpoint, chosen)
        made.append(
            Variant(
                experiment=experiment,
                number=number,
                content=to_text(prompt.content),
                prompt_name=prompt.name,
                prompt=prompt.stored,
                endpoint=endpoint,
                provider_code=endpoint.model.provider.code,
                model_id=endpoint.model.model_id,
                model_name=endpoint.model.name[:200],
                parameters=fitted.parameters | (fitted.lacking if plan.sends_lacking else {}),
                set_name=chosen.title[:200] if len(plan.sets) > 1 or chosen.name else "",
            )
        )
    return made


def _fitted(content: PromptContent, endpoint: Endpoint, chosen: ParameterSet) -> FittedParameters:
    """Return what is sent to an endpoint: the parameters of the prompt, and over them those of the set."""
    own = fit_parameters(endpoint, content.parameters, content.endpoint)
    over = fit_parameters(endpoint, chosen.parameters, chosen.kind)
    return FittedParameters({**own.parameters, **over.parameters}, {**own.lacking, **over.lacking})


def _refuse_unsendable(experiment: Experiment, variants: list[Variant], actor: User) -> None:
    """Refuse a variant with which the first case cannot be sent: most likely no case can."""
    table = experiment.table
    values = TableCase.objects.filter(table=table).order_by("number").values_list("values", flat=True)[0]
    known = {name: value for name, value in values.items() if name in table.columns}
    for variant in variants:
        try:
            member = member_for(actor, table)
            endpoint = usable_endpoint(member, variant.endpoint, variant.model_name)
            answer_request(endpoint, table.workspace_id, variant.read(), known, variant.parameters)
        except (CellRefused, ExperimentHalted) as refusal:
            raise ExperimentRefused(f"{variant}: {refusal}") from refusal


def _add_cells(experiment: Experiment) -> None:
    """Add a waiting cell for each case, variant and repetition, with the values that the case has now.

    The database copies the values: made in Python, many cells would keep it locked for seconds.
    """
    cells, cases, values = (
        connection.ops.quote_name(name) for name in (Cell._meta.db_table, TableCase._meta.db_table, "values")
    )
    copy = f"""
        INSERT INTO {cells} (experiment_id, variant_id, case_number, repetition, {values}, state, attempt,
            outcomes, error, usd, judge_usd, earlier_usd)
        SELECT %s, %s, number, %s, {values}, 'waiting', 0, '[]', '', 0, 0, 0
        FROM {cases} WHERE table_id = %s
    """  # noqa: S608 - names of ours alone
    variants = experiment.variants.values_list("pk", flat=True)
    with connection.cursor() as cursor:
        for variant, repetition in product(variants, range(1, experiment.repetitions + 1)):
            cursor.execute(copy, [experiment.pk, variant, repetition, experiment.table_id])
