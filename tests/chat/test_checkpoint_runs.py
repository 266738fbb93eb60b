from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import OperationalError
from django.utils.timezone import now

from chat.flows import checkpoint_runs as flow
from chat.flows.checkpoint_runs import Checkpoint, Stretch, checkpoint_runs
from chat.flows.reap_runs import logged_answer
from chat.live.merging import merge
from chat.models import Run, RunChunk
from playground.upstream.events import TextDelta

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("books_agree")]


def stretch(run: Run, seq: int, text: str) -> Stretch:
    return Stretch(run.pk, seq, merge([TextDelta(text)]))


def test_it_stores_renews_and_says_what_became_of_each_run(running_run, second_run, settings):
    settings.RUN_LEASE_SECONDS = 1000
    Run.objects.filter(pk=running_run.pk).update(stop_requested=True)
    asked = [running_run.pk, second_run.pk]

    found = checkpoint_runs(
        running_run.lease_owner, asked, [stretch(running_run, 1, "ours"), stretch(second_run, 1, "theirs")]
    )

    assert found == Checkpoint(to_stop={running_run.pk}, lost={second_run.pk}, stored={running_run.pk})
    assert RunChunk.objects.get().run == running_run
    before, after = second_run.lease_expires_at, Run.objects.get(pk=running_run.pk).lease_expires_at
    assert timedelta(seconds=900) < after - now() <= timedelta(seconds=1000)
    assert Run.objects.get(pk=second_run.pk).lease_expires_at == before


def test_what_is_stored_stays_as_it_is(running_run, caplog):
    checkpoint_runs(running_run.lease_owner, [running_run.pk], [stretch(running_run, 1, "one ")])

    again = [stretch(running_run, 1, "one again "), stretch(running_run, 2, "two")]
    found = checkpoint_runs(running_run.lease_owner, [running_run.pk], again)

    assert (found.to_stop, found.lost, found.stored) == (set(), set(), {running_run.pk})
    assert logged_answer(running_run).text == "one two"
    assert caplog.text == "", "One transaction is enough for it."


def test_leases_that_cannot_be_renewed_are_tried_once(monkeypatch):
    calls: list[object] = []

    def fail(*arguments: object) -> None:
        calls.append(arguments)
        raise OperationalError

    monkeypatch.setattr(flow, "_checkpoint", fail)
    with pytest.raises(OperationalError):
        checkpoint_runs("us", [1], [])

    assert len(calls) == 1


def test_a_run_that_cannot_be_stored_leaves_the_others_theirs(running_run, second_run, monkeypatch, caplog):
    Run.objects.filter(pk=second_run.pk).update(
        status=Run.Status.RUNNING, lease_owner=running_run.lease_owner, started_at=now()
    )
    checkpoint = vars(flow)["_checkpoint"]

    def fail_for_first(owner: str, pks: list[int], stretches: list[Stretch]) -> Checkpoint:
        if any(one.run_pk == running_run.pk for one in stretches):
            raise OperationalError
        found: Checkpoint = checkpoint(owner, pks, stretches)
        return found

    monkeypatch.setattr(flow, "_checkpoint", fail_for_first)
    both = [running_run.pk, second_run.pk]
    stretches = [stretch(running_run, 1, "bad"), stretch(second_run, 1, "good")]
    found = checkpoint_runs(running_run.lease_owner, both, stretches)

    assert found == Checkpoint(to_stop=set(), lost=set(), stored={second_run.pk})
    assert logged_answer(second_run).text == "good"
    assert str(running_run.pk) in caplog.text
