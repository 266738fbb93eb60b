"""The check that no call of a model is made without a hold, over the whole suite.

Every POST that reaches an upstream of the tests is noted. At the end of each test, while its rows are there,
each must name a run that has a hold or a ledger entry, in the test's database or in that of an installation
that the test started. The product names the run in ``X-Client-Request-Id``. Calls that tests make themselves,
without a run, are listed in :data:`ASKED_BY_TESTS` with the reason. Everything else fails the test.

The demo that a server in a process of its own starts is not seen: such a server is given the upstream of the
tests as a provider where its calls matter.
"""

from __future__ import annotations

import asyncio
import re
import sqlite3
import threading
import uuid
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from accounts.models import Hold, LedgerEntry
from chat.relays import background
from playground.demo.api import Api, HttpRequest

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

_DEMO = "The demo itself is asked, with a client that is not the product's."
_CLIENT = "The product's client is called alone, without a conversation or a run."
_REPEATED = "The test repeats the request of a run, to compare what was written with what was stored."
# The beginnings of tests' names whose calls belong to no run, with the reason. Such calls name no run, or one
# that is no UUID.
ASKED_BY_TESTS = {
    "tests/browser/test_streamed_answer.py::test_a_reload_in_the_middle_loses_nothing": _REPEATED,
    "tests/browser/test_streamed_answer.py::test_reasoning_and_text_grow_and_end": _REPEATED,
    "tests/chat/test_background.py::test_the_words_of_two_connections_are_those_of_one": _REPEATED,
    "tests/chat/test_books.py::test_the_ledger_adds_up_to_what_the_upstream_reported": _REPEATED,
    "tests/e2e/test_killed_server.py::test_the_answer_so_far_is_kept_and_marked": _REPEATED,
    "tests/e2e/test_two_processes.py::test_a_server_that_stops_leaves_the_queue_to_the_other": _REPEATED,
    "tests/playground/test_demo_": _DEMO,
    "tests/playground/test_recordings_official_sdks.py": "Official clients are asked what they read.",
    "tests/playground/test_clients.py": _CLIENT,
    "tests/playground/test_guard.py": _CLIENT,
    "tests/playground/test_recording.py": _CLIENT,
    "tests/playground/test_sockets_tls.py": _CLIENT,
    "tests/playground/test_upstream_": _CLIENT,
    "tests/playground/test_wire.py": _CLIENT,
}
RUN_HEADER = "x-client-request-id"
# A background answer is cancelled, and a key with a cap is made: that starts no answer.
_FREE = re.compile(r"/(cancel|keys)$")


@dataclass(frozen=True, slots=True)
class Call:
    """A POST that reached an upstream."""

    path: str
    run: str
    body: bytes

    def __str__(self) -> str:
        names = f"names the run {self.run}" if self.run else "names no run"
        return f"POST {self.path} {names}: {self.body[:300].decode(errors='replace')}"


_lock = threading.Lock()
_calls: list[Call] = []
# Runs of earlier tests, whose relays may still be at work when their rows are gone.
_known: set[str] = set()


def note(method: str, path: str, headers: Mapping[str, str], body: bytes) -> None:
    """Note a request that has reached an upstream. Thread-safe."""
    if method == "POST" and not _FREE.search(path):
        with _lock:
            _calls.append(Call(path, headers.get(RUN_HEADER, ""), body))


def note_calls_of_the_demo(patch: pytest.MonkeyPatch) -> None:
    """Note every request that reaches a demo server of this process."""
    respond = Api.respond

    def noted(api: Api, request: HttpRequest) -> Any:
        note(request.method, request.path, request.headers, request.body)
        return respond(api, request)

    patch.setattr(Api, "respond", noted)


def remember(runs: Iterable[str]) -> None:
    """Remember runs that have holds, and whose database may be gone when the test ends."""
    _known.update(runs)


def held_at(environment: Mapping[str, str]) -> set[str]:
    """Return the runs with a hold or a ledger entry in the database of an installation."""
    query = "SELECT run_code FROM accounts_hold UNION SELECT run_code FROM accounts_ledgerentry"
    if address := environment.get("DATABASE_URL"):
        with psycopg.connect(address) as database:
            return {str(row[0]) for row in database.execute(query)}
    path = Path(environment["DATA_DIR"]) / "playground.sqlite3"
    with closing(sqlite3.connect(path, timeout=30)) as database:
        return {str(uuid.UUID(str(row[0]))) for row in database.execute(query)}


def unexplained(calls: Collection[Call], held: Collection[str], test: str) -> list[Call]:
    """Return the calls of a test that are neither of a held run nor listed."""
    may_ask = any(test.startswith(name) for name in ASKED_BY_TESTS)
    return [call for call in calls if call.run not in held and not (may_ask and _uuid(call.run) is None)]


def check(test: str, *, has_database: bool) -> None:
    """Fail if a call of the test so far belongs to no run with a hold."""
    with _lock:
        calls = list(_calls)
        _calls.clear()
    held = set(_known)
    if has_database and (calls or background._supervisor is not None):
        ours = _of_this_database({call.run for call in calls})
        held |= ours
        remember(ours)
    if any(call.run not in held for call in calls):
        from tests.installation import Installation

        for installation in list(Installation.started):
            # The runs of a server on PostgreSQL were remembered when it ended.
            if "DATABASE_URL" not in installation.environment:
                held |= held_at(installation.environment)
    if found := unexplained(calls, held, test):
        pytest.fail("\n".join(["Calls of a model without a hold:", *map(str, found)]), pytrace=False)


def _of_this_database(named: Collection[str]) -> set[str]:
    """Return those of the runs that have a hold or an entry, and all runs whose hold is open."""
    codes = [code for code in map(_uuid, named) if code is not None]
    open_holds = Hold.objects.filter(state=Hold.State.OPEN).values_list("run_code", flat=True)
    found = set(open_holds)
    found |= set(Hold.objects.filter(run_code__in=codes).values_list("run_code", flat=True))
    found |= set(LedgerEntry.objects.filter(run_code__in=codes).values_list("run_code", flat=True))
    return {str(code) for code in found}


def _uuid(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text)
    except ValueError:
        return None


@pytest.fixture(scope="session", autouse=True)
def noted_calls() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        note_calls_of_the_demo(patch)
        yield


@pytest.fixture(autouse=True)
def no_call_without_a_hold(request: pytest.FixtureRequest) -> Iterator[None]:
    """Check each test after its own fixtures have ended, and before its rows are deleted."""
    uses_database = "_django_db_helper" in request.fixturenames or bool(
        request.node.get_closest_marker("django_db")
    )
    if uses_database:
        # A fixture that is set up first is torn down last.
        request.getfixturevalue("_django_db_helper")
    yield
    check(request.node.nodeid, has_database=uses_database and not _is_in_a_loop())


def _is_in_a_loop() -> bool:
    """Tell whether an event loop runs in this thread, as Playwright's does: Django refuses queries there."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True
