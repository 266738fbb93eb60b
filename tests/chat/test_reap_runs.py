from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import OperationalError
from django.utils.timezone import now

from accounts.models import Hold
from chat.flows import reap_runs as reaper
from chat.flows.checkpoint_runs import Stretch, checkpoint_runs
from chat.flows.reap_runs import logged_answer, reap_runs
from chat.live.merging import merge
from chat.models import Run, RunChunk
from playground.upstream.answer import Answer
from playground.upstream.events import ReasoningDelta, TextDelta

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("books_agree")]


def expire(run: Run) -> None:
    Run.objects.filter(pk=run.pk).update(lease_expires_at=now() - timedelta(seconds=1))


def test_it_keeps_the_text_of_a_run_whose_process_died(running_run):
    owner = running_run.lease_owner
    checkpoint_runs(
        owner,
        [running_run.pk],
        [Stretch(running_run.pk, 2, merge([ReasoningDelta("Hm."), TextDelta("One ")]))],
    )
    checkpoint_runs(owner, [running_run.pk], [Stretch(running_run.pk, 3, merge([TextDelta("two")]))])
    expire(running_run)

    assert reap_runs() == 1

    running_run.refresh_from_db()
    assert running_run.status == Run.Status.INTERRUPTED
    assert (running_run.answer.reasoning, running_run.answer.text) == ("Hm.", "One two")
    assert Hold.objects.get(run_code=running_run.code).state == Hold.State.SETTLED


def test_it_leaves_a_run_alone_whose_lease_is_good(running_run):
    assert reap_runs() == 0
    running_run.refresh_from_db()
    assert running_run.is_live


def test_it_leaves_a_run_alone_whose_lease_is_renewed_after_it_looked(running_run, second_run, monkeypatch):
    """The process had no database for a time, and is alive."""
    expire(running_run)
    expire(second_run)
    read = vars(reaper)["logged_answer"]

    def meanwhile(run: Run) -> Answer:
        answer: Answer = read(run)
        if run == running_run:
            found = checkpoint_runs(
                run.lease_owner, [run.pk], [Stretch(run.pk, 1, merge([TextDelta("still here")]))]
            )
            assert not found.lost
        return answer

    monkeypatch.setattr(reaper, "logged_answer", meanwhile)

    assert reap_runs() == 1

    running_run.refresh_from_db()
    assert running_run.is_live
    assert logged_answer(running_run).text == "still here"


def test_it_spares_what_its_own_process_is_at_work_on(running_run, second_run):
    expire(running_run)
    expire(second_run)

    assert reap_runs(spared=[running_run.pk]) == 1

    assert set(Run.objects.values_list("pk", "status")) == {
        (running_run.pk, "running"),
        (second_run.pk, "interrupted"),
    }


def test_it_ends_a_run_that_nobody_ever_claimed(queued_run):
    expire(queued_run)
    assert reap_runs() == 1
    queued_run.refresh_from_db()
    assert queued_run.status == Run.Status.INTERRUPTED
    assert Hold.objects.get(run_code=queued_run.code).state == Hold.State.RELEASED


def test_it_logs_what_it_ended_and_nothing_else(running_run, second_run, monkeypatch, caplog):
    expire(running_run)
    assert reap_runs() == 1
    assert f"Run {running_run.code} was interrupted" in caplog.text

    caplog.clear()
    expire(second_run)
    monkeypatch.setattr(reaper, "finish_run", lambda *_, **__: False)
    assert reap_runs() == 0
    assert caplog.text == ""


def test_a_database_that_is_away_is_for_the_next_call(running_run, monkeypatch):
    def fail(*_: object, **__: object) -> bool:
        raise OperationalError("away")

    expire(running_run)
    monkeypatch.setattr(reaper, "finish_run", fail)
    with pytest.raises(OperationalError):
        reap_runs()


def test_an_answer_that_cannot_be_read_ends_without_its_text(running_run):
    RunChunk.objects.create(run=running_run, seq=1, events=b"no events")
    expire(running_run)

    assert reap_runs() == 1

    running_run.refresh_from_db()
    assert (running_run.status, running_run.answer.text) == (Run.Status.INTERRUPTED, "")


def test_the_runs_of_a_process_that_ended_do_not_wait_for_their_leases(running_run, second_run):
    assert reap_runs(owner="a third process") == 0
    assert reap_runs(owner=running_run.lease_owner) == 1

    assert set(Run.objects.filter(status__in=Run.LIVE)) == {second_run}


def test_a_second_reaper_finds_nothing(running_run):
    expire(running_run)
    assert (reap_runs(), reap_runs()) == (1, 0)


def test_a_checkpoint_renews_the_lease(running_run):
    expire(running_run)
    checkpoint_runs(running_run.lease_owner, [running_run.pk], [])
    running_run.refresh_from_db()
    assert running_run.lease_expires_at > now()


def test_a_checkpoint_writes_nothing_for_a_run_that_is_not_ours(running_run):
    found = checkpoint_runs("somebody else", [running_run.pk], [Stretch(running_run.pk, 1, b"[]")])
    assert found.lost == {running_run.pk}
    assert not RunChunk.objects.exists()


def test_a_checkpoint_reports_who_asked_to_stop(running_run):
    Run.objects.update(stop_requested=True)
    assert checkpoint_runs(running_run.lease_owner, [running_run.pk], []).to_stop == {running_run.pk}
