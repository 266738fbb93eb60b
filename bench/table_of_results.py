"""A test table of an installation to measure: many cases, and two experiments with all their results.

Run in a process of its own, inside of the installation; prints the owner's session and the table as JSON.
"""

from __future__ import annotations

import argparse
import json
import os
import uuid
from itertools import islice
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from chat.models import Experiment, TableOfCases

MODEL = "bench/tables"
_PORTION = 500
# Characters of a prompt and of an answer.
_ANSWER = "The capital is named in the first sentence, and the rest explains why it was chosen. " * 12
_BODY = {"model": MODEL, "messages": [{"role": "user", "content": "Which land has the capital? " * 20}]}


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--base-url", required=True)
    arguments.add_argument("--cases", type=int, default=10_000)
    given = arguments.parse_args()

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "playground.settings")
    import django

    django.setup()
    print(json.dumps(populate(given.base_url, given.cases)))


def populate(base_url: str, cases: int) -> dict[str, Any]:
    from django.db import connection, transaction

    from accounts.models import User, Workspace
    from bench.populate import add_models, add_person
    from chat.evaluation.check_kinds import CheckSetting
    from chat.evaluation.csv_reading import Sheet
    from chat.flows.change_cases import add_cases
    from chat.models import TableOfCases

    with transaction.atomic():
        workspace = Workspace.objects.create(slug="team", name="Team")
        add_models(base_url, [MODEL])
        owner = add_person(workspace, 0)
        person = User.objects.get(email="reader0@example.org")
        checks = [CheckSetting("contains", "{{land}}"), CheckSetting("length", "", "2000")]
        table = TableOfCases.objects.create(
            workspace=workspace, name="Cities", created_by=person, checks=[each.as_json() for each in checks]
        )
        rows = [[f"City {number}", f"land {number}"] for number in range(cases)]
        add_cases(table, Sheet(["city", "land"], rows), actor=person)
    for shift in (0, 1):
        with transaction.atomic():
            _add_results(_add_experiment(table, person), shift)
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
    return {**owner, "slug": workspace.slug, "table": str(table.code)}


def _add_experiment(table: TableOfCases, person: Any) -> Experiment:
    from chat.flows.start_experiment import AskedPrompt, Plan, start_experiment
    from chat.prompts.content import MessageRole, PromptContent, PromptMessage, Variable
    from playground.models import Endpoint

    asked = PromptMessage(MessageRole.USER, "Which land has the capital {{city}}?")
    content = PromptContent(messages=(asked,), variables=(Variable("city"),))
    endpoint = Endpoint.objects.select_related("model__provider").get(model__model_id=MODEL)
    return start_experiment(table, Plan([AskedPrompt("Capital v1", content)], [endpoint]), actor=person)


def _add_results(experiment: Experiment, shift: int) -> None:
    """Give every cell a run and a verdict. One in ten has another one than in the other experiment."""
    from django.utils.timezone import now

    from chat.evaluation.answers import CheckOutcome, letters_of
    from chat.models import Cell, Run

    cells = Cell.objects.filter(experiment=experiment).order_by("pk").iterator(_PORTION)
    at = now()
    while portion := list(islice(cells, _PORTION)):
        runs = Run.objects.bulk_create(
            Run(
                workspace_id=experiment.table.workspace_id,
                user=experiment.user,
                made_for="case",
                provider_code="bench",
                model_id=MODEL,
                endpoint_kind="chat/completions",
                body=_BODY,
                idempotency_key=uuid.uuid4(),
                request_hash="",
                status=Run.Status.FINISHED,
                lease_expires_at=at,
                started_at=at,
                finished_at=at,
                credits=100,
                result={"text": f"{cell.values['land']}. {_ANSWER}", "reasoning": "", "data": {}},
            )
            for cell in portion
        )
        for cell, run in zip(portion, runs, strict=True):
            passes = (cell.case_number + shift) % 10 > 1
            outcomes: list[Any] = [
                CheckOutcome(passes, "It contains it.").as_json(),
                CheckOutcome(True, "").as_json(),
            ]
            cell.run, cell.outcomes, cell.letters = run, outcomes, letters_of(outcomes)
            cell.folded = f"{cell.values['land']}. {_ANSWER}".lower()
            cell.state = Cell.State.PASSED if passes else Cell.State.FAILED
            cell.usd, cell.seconds = cell.usd + 1, 0.5 + cell.case_number % 7
        fields = ("run", "outcomes", "letters", "folded", "state", "usd", "seconds")
        Cell.objects.bulk_update(portion, fields)
    experiment.state, experiment.finished_at = "finished", at
    experiment.save()


if __name__ == "__main__":
    main()
