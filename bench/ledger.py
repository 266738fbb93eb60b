"""Holds and their settlements a second, with eight limits that apply to each run.

python -m bench.ledger [--smoke] [--pairs 1500]

One process holds and settles, each in a transaction of its own, as prompts do. Bare transactions with as many
statements, each of which changes one row by its key, are measured in turn with them: they are what is left to
gain with the same statements. ``DATABASE_URL`` names a PostgreSQL to measure instead of a new SQLite; its
tables are to be empty. Prints ``name value unit`` lines.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
import tempfile
import time
import uuid
from typing import TYPE_CHECKING

from bench.figures import report
from bench.installation import shared_services
from bench.processes import ROOT, environment

if TYPE_CHECKING:
    from collections.abc import Callable

    from accounts.models import User, Workspace

_ROUNDS = 3


def measure(pairs: int) -> None:
    from django.core.management import call_command
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    call_command("migrate", verbosity=0)
    workspace, person = _team()

    def one() -> None:
        _hold_and_settle(workspace, person)

    # The first run opens the windows.
    one()
    with CaptureQueriesContext(connection) as queries:
        one()
    statements = sum(_statements_in(query["sql"]) for query in queries)
    bare = _bare(workspace, statements)
    found: dict[str, list[float]] = {"held": [], "bare": []}
    for _ in range(_ROUNDS):
        found["held"].append(_per_second(one, pairs // _ROUNDS))
        found["bare"].append(_per_second(bare, pairs // _ROUNDS))
    report("ledger.limits", 8, "limits that apply")
    report("ledger.statements", statements, "of a hold and its settlement")
    report("ledger.hold_settle_per_second", max(found["held"]), "/s")
    report("ledger.bare_transactions_per_second", max(found["bare"]), "pairs of as many statements /s")


def _statements_in(sql: str) -> int:
    """Count the statements of a call: of many rows as many, and of a message all of them."""
    found = re.match(r"(?:(\d+) times: )?\s*(?:EXECUTE|SELECT|INSERT|UPDATE)", sql)
    return int(found[1] or sql.count("EXECUTE ") or 1) if found else 0


def _team() -> tuple[Workspace, User]:
    from accounts.models import Group, Limit, Membership, Role, User, Workspace

    workspace = Workspace.objects.create(slug=f"ledger-{uuid.uuid4().hex[:8]}", name="Ledger")
    person = User.objects.create(email=f"{uuid.uuid4().hex}@example.org")
    membership = Membership.objects.create(workspace=workspace, user=person, role=Role.MEMBER)
    group = Group.objects.create(workspace=workspace, name="Design")
    group.members.add(membership)
    for scope in (
        {"unit": "credits", "period": "day"},
        {"unit": "usd", "period": "month"},
        {"unit": "usd", "period": "day", "counts_each": True},
        {"unit": "requests", "period": "hour", "counts_each": True},
        {"unit": "tokens", "period": "week", "group": group},
        {"unit": "output_tokens", "period": "day", "role": Role.MEMBER},
        {"unit": "credits", "period": "month", "model_pattern": "bench/*"},
        {"unit": "concurrent", "period": "ever", "member": person},
    ):
        Limit.objects.create(workspace=workspace, amount=10**12, **scope)
    return workspace, person


def _hold_and_settle(workspace: Workspace, person: User) -> None:
    from accounts import ledger
    from accounts.ledger import Amounts, Target

    code = uuid.uuid4()
    estimate = Amounts(75, 100, input_tokens=40, output_tokens=60)
    ledger.hold(code, workspace, person, estimate, Target("bench", "bench/model"))
    ledger.settle(
        code,
        Amounts(60, 80),
        source="priced",
        provider_code="bench",
        model_id="bench/model",
        input_tokens=40,
        output_tokens=40,
    )


def _bare(workspace: Workspace, statements: int) -> Callable[[], None]:
    from django.db import connection, transaction

    def bare() -> None:
        for part in (statements // 2, statements - statements // 2):
            with transaction.atomic(), connection.cursor() as cursor:
                for _ in range(part):
                    cursor.execute(
                        "UPDATE accounts_limitwindow SET held = held + 0 WHERE id = %s", [workspace.pk]
                    )

    return bare


def _per_second(work: Callable[[], None], times: int) -> float:
    start = time.perf_counter()
    for _ in range(times):
        work()
    return times / (time.perf_counter() - start)


def main(words: list[str] | None = None) -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--pairs", type=int, default=1500)
    arguments.add_argument("--smoke", action="store_true", help="a run of seconds that shows that all works")
    arguments.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    given = arguments.parse_args(words)
    pairs = 60 if given.smoke else given.pairs
    if given.inside:
        import django

        django.setup()
        measure(pairs)
        return
    with tempfile.TemporaryDirectory() as folder:
        settings = "playground.settings"
        variables = environment(
            DATA_DIR=folder, DJANGO_SETTINGS_MODULE=settings, **({} if given.smoke else shared_services())
        )
        inside = [sys.executable, "-m", "bench.ledger", "--inside", "--pairs", str(pairs)]
        subprocess.run(inside, cwd=ROOT, env=variables, check=True)


if __name__ == "__main__":
    main()
