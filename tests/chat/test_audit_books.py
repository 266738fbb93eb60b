from __future__ import annotations

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from accounts import ledger
from accounts.models import Hold
from chat.flows.audit_books import audit_books
from chat.models import Run

pytestmark = pytest.mark.django_db


def test_it_finds_nothing_while_runs_wait_and_run(queued_run, second_run, running_run):
    assert Hold.objects.filter(state=Hold.State.OPEN).count() == 2
    assert audit_books() == []


def test_it_finds_nothing_once_they_have_ended(conversation):
    assert Hold.objects.get().state == Hold.State.SETTLED
    assert audit_books() == []


@pytest.mark.parametrize("status", [status for status in Run.Status if status not in Run.LIVE])
def test_a_hold_of_an_ended_run_is_found_at_once(queued_run, second_run, status):
    Run.objects.filter(pk=queued_run.pk).update(status=status)

    [line] = audit_books()
    assert line.startswith(f"run {queued_run.code}: held since 2")
    assert line.endswith("UTC, but the run has ended or is deleted")


def test_a_hold_of_a_deleted_run_is_found_at_once(queued_run, second_run):
    Run.objects.filter(pk=queued_run.pk).delete()

    [line] = audit_books()
    assert str(queued_run.code) in line


@pytest.mark.parametrize("close", [ledger.release, lambda code: Hold.objects.filter(run_code=code).delete()])
def test_a_live_run_without_a_hold_is_found(running_run, second_run, close):
    close(running_run.code)

    assert audit_books() == [f"run {running_run.code}: is running, but nothing is held for it"]


def test_what_the_ledger_finds_itself_is_included(workspace, queued_run, monkeypatch):
    monkeypatch.setattr(ledger, "audit", lambda: ["window 1: odd"])
    Run.objects.all().delete()

    assert [line.split(":")[0] for line in audit_books()] == ["window 1", f"run {queued_run.code}"]


def test_the_command_prints_what_was_compared(queued_run, second_run):
    out = StringIO()

    call_command("audit_ledger", stdout=out)

    compared = "0 ledger entries, 2 holds, 0 windows"
    assert out.getvalue() == f"The ledger is consistent: {compared}, 0 disagreements.\n"


def test_the_command_fails_when_they_disagree(queued_run, second_run):
    Run.objects.filter(pk=queued_run.pk).delete()
    err = StringIO()

    with pytest.raises(CommandError, match="The ledger has 1 disagreement"):
        call_command("audit_ledger", stdout=StringIO(), stderr=err)

    assert str(queued_run.code) in err.getvalue()
