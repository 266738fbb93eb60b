"""A process of its own that works on the books of a test's database.

``storm`` holds, extends, settles, releases, raises and rolls over at random, in many threads at once.
``kill`` ends a forked process at each statement of a hold, an extension and a settlement in turn, as a lost
machine would, and audits the books after each.
"""

from __future__ import annotations

import os
import random
import signal
import sys
import threading
import uuid
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from accounts.models import User, Workspace

THREADS = 64
# Operations of each thread.
STEPS = 4
# Days over which the runs are spread.
DAYS = 2


def storm(seed: int) -> None:
    """Work in :data:`THREADS` threads that start at the same moment; raise what any of them raised."""
    from django.db import connection

    start, failures = threading.Barrier(THREADS), []
    # PostgreSQL has a hundred connections, of which other workers of the tests need some.
    places = threading.Semaphore(20)

    def work(number: int) -> None:
        chance = random.Random(seed * 1000 + number)
        start.wait()
        try:
            for _ in range(STEPS):
                with places:
                    _step(chance)
                    connection.close()
        except BaseException as error:  # noqa: BLE001 - the process reports it
            failures.append(error)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]


def _step(chance: random.Random) -> None:
    """Begin a run, or raise a limit for a while."""
    from django.utils.timezone import now

    from accounts.models import Limit, LimitRaise, User, Workspace

    if chance.random() < 0.1:
        limit = chance.choice(list(Limit.objects.all()))
        LimitRaise.objects.create(limit=limit, amount=5, ends_at=now() + timedelta(days=9))
        return
    workspace = Workspace.objects.get(slug="acme")
    _run(chance, workspace, chance.choice(list(User.objects.order_by("pk"))))


def _run(chance: random.Random, workspace: Workspace, user: User) -> None:
    """Hold on one of the days, and end the run; some are left open, as by a process that was lost."""
    from django.utils.timezone import now

    from accounts import ledger
    from accounts.exceptions import LimitReached
    from accounts.ledger import Amounts, Target

    code, credits = uuid.uuid4(), chance.randint(1, 80)
    estimate = Amounts(credits, credits, input_tokens=0, output_tokens=credits)
    target = Target("demo", chance.choice(["demo/plain", "other/model"]))
    moment = now() + timedelta(days=chance.randrange(DAYS))
    try:
        with _moved(moment):
            ledger.hold(code, workspace, user, estimate, target)
        if chance.random() < 0.5:
            ledger.extend(code, chance.randint(1, 40), Decimal(1))
    except LimitReached:
        pass
    ending = chance.random()
    if ending < 0.6:
        settle(code, chance.randint(0, credits), target)
    elif ending < 0.8:
        ledger.release(code)


_moment = threading.local()


class _moved:
    """Let this thread hold at another moment."""

    def __init__(self, moment: Any) -> None:
        self._to = moment

    def __enter__(self) -> None:
        _moment.now = self._to

    def __exit__(self, *_: object) -> None:
        _moment.now = None


def settle(code: uuid.UUID, used: int, target: Any) -> None:
    from accounts import ledger
    from accounts.ledger import Amounts

    ledger.settle(
        code,
        Amounts(used, used),
        source="priced",
        provider_code=target.provider_code,
        model_id=target.model_id,
        output_tokens=used,
    )


def kill() -> None:
    """End a process at each statement in turn; print how many ends there were."""
    from django.db import connection

    from accounts import ledger
    from accounts.models import Hold, LedgerEntry

    ends = 0
    for job in (_hold_anew, _extend_oldest, _settle_oldest):
        at = 0
        while _ends_at(job, at):
            at += 1
            assert ledger.audit() == [], ledger.audit()
            assert Hold.objects.filter(state="settled").count() == LedgerEntry.objects.count()
            connection.close()
        ends += at
    print(ends)


def _ends_at(job: Callable[[], None], place: int) -> bool:
    """Do the job in a forked process that is killed before its statement ``place``; tell whether it was."""
    from django.db import connection

    child = os.fork()
    if child == 0:
        left = [place]

        def count(execute: Any, sql: str, *more: Any) -> Any:
            if not left[0]:
                os.kill(os.getpid(), signal.SIGKILL)
            left[0] -= 1
            return execute(sql, *more)

        with connection.execute_wrapper(count):
            job()
        os._exit(0)
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status) or os.WEXITSTATUS(status) == 0
    return os.WIFSIGNALED(status)


def _hold_anew() -> None:
    from accounts import ledger
    from accounts.ledger import Amounts, Target
    from accounts.models import User, Workspace

    workspace, user = Workspace.objects.get(slug="acme"), User.objects.order_by("pk")[0]
    ledger.hold(uuid.uuid4(), workspace, user, Amounts(5, 5, output_tokens=5), Target("demo", "demo/plain"))


def _oldest() -> uuid.UUID:
    from accounts.models import Hold

    return Hold.objects.filter(state="open").order_by("pk")[0].run_code


def _extend_oldest() -> None:
    from accounts import ledger

    ledger.extend(_oldest(), 3, Decimal(1))


def _settle_oldest() -> None:
    from accounts.ledger import Target

    settle(_oldest(), 4, Target("demo", "demo/plain"))


def main() -> None:
    import django

    django.setup()
    from django.utils import timezone

    from accounts.ledger import booking

    vars(booking)["now"] = lambda: getattr(_moment, "now", None) or timezone.now()
    if sys.argv[1] == "kill":
        kill()
    else:
        storm(int(sys.argv[2]))


if __name__ == "__main__":
    main()
