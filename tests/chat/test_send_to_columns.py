"""A prompt to several columns: all of them get it, or none."""

from __future__ import annotations

import uuid
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection
from django.db.models import F

from accounts import ledger
from accounts.exceptions import LimitReached
from accounts.models import Hold, Limit, LimitWindow
from chat import files
from chat.exceptions import (
    AnswerPending,
    AttachmentGone,
    ColumnRefused,
    ConversationGone,
    IdempotencyConflict,
)
from chat.flows.build_request import Choice
from chat.flows.delete_conversation import delete_conversation
from chat.flows.finish_run import Outcome, finish_run
from chat.flows.send_prompt import send_prompt
from chat.flows.send_to_columns import ToColumn, send_to_columns
from chat.media import Media
from chat.models import Conversation, Message, Run, StoredFile
from playground import pricing
from playground.upstream.answer import Answer
from playground.upstream.dialects.shared.transcript import MediaKind
from tests.chat.comparing import columns_of, compare, endpoint_named, send

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def entry(workspace, alice, catalogue) -> Conversation:
    return compare(workspace, alice, 8)


@pytest.fixture
def each_costs_75(monkeypatch) -> None:
    monkeypatch.setattr(pricing, "estimate", lambda *_: pricing.Estimate(credits=75, tokens=10))


def nothing_is_stored() -> bool:
    return not (Run.objects.exists() or Message.objects.exists() or Hold.objects.exists())


def end(runs: list[Run]) -> None:
    for run in runs:
        assert finish_run(run, Outcome(Run.Status.STOPPED, Answer()), fence=0)


def test_every_column_gets_the_prompt_and_a_run_of_its_own(entry, alice):
    runs = send(entry, alice, "Write a poem about rivers.")

    assert [run.conversation_id for run in runs] == [column.pk for column in columns_of(entry)]
    assert [run.model_id for run in runs[:2]] == ["demo/plain", "demo/markdown"]
    for column in columns_of(entry):
        assert [message.text for message in column.messages.all()] == ["Write a poem about rivers.", ""]
        assert column.title == "Write a poem about rivers."
    entry.refresh_from_db()
    assert (entry.title, entry.messages.count()) == ("Write a poem about rivers.", 0)
    end(runs)
    send(entry, alice, "And one about hills.")
    entry.refresh_from_db()
    assert entry.title == "Write a poem about rivers."


def test_with_room_for_seven_of_eight_nothing_is_started_and_nothing_held(
    workspace, entry, alice, each_costs_75
):
    Limit.objects.create(workspace=workspace, unit="credits", period="day", amount=7 * 75)

    with pytest.raises(ColumnRefused) as refused:
        send(entry, alice)

    assert refused.value.column == columns_of(entry)[7].code
    assert isinstance(refused.value.reason, LimitReached)
    assert nothing_is_stored()
    assert not LimitWindow.objects.exclude(held=0, used=0).exists()
    assert ledger.audit() == []
    assert Conversation.objects.get(pk=entry.pk).title == "New comparison"


def test_a_limit_of_a_model_that_is_reached_at_column_five_is_named(workspace, alice, entry, each_costs_75):
    Limit.objects.create(
        workspace=workspace,
        unit="requests",
        period="day",
        amount=2,
        model_pattern="demo/plain",
    )

    with pytest.raises(ColumnRefused) as refused:
        send(entry, alice)

    assert refused.value.column == columns_of(entry)[4].code
    assert nothing_is_stored()


def test_the_same_click_opens_its_runs_once(entry, alice):
    key = uuid.uuid4()

    first = send(entry, alice, key=key)

    assert send(entry, alice, key=key) == first
    assert Run.objects.count() == 8
    with pytest.raises(IdempotencyConflict):
        send(entry, alice, "Other words", key=key)
    end(first)


def test_a_click_for_more_columns_than_before_is_refused(entry, alice):
    key, columns = uuid.uuid4(), columns_of(entry)
    parts = [ToColumn(column, Choice(endpoint_named("demo/plain"), {})) for column in columns]
    send_to_columns(entry, alice, "Hello", parts[:3], key)

    with pytest.raises(IdempotencyConflict):
        send_to_columns(entry, alice, "Hello", parts, key)

    assert Run.objects.count() == 3


def test_a_column_that_is_still_writing_refuses_for_all(entry, alice):
    third = columns_of(entry)[2]
    run = send_prompt(third, alice, "Only here", Choice(endpoint_named("demo/plain"), {}), uuid.uuid4())

    with pytest.raises(ColumnRefused) as refused:
        send(entry, alice)

    assert (refused.value.column, type(refused.value.reason)) == (third.code, AnswerPending)
    assert Run.objects.get() == run


def test_a_column_of_another_comparison_is_refused(entry, alice, workspace):
    foreign = columns_of(compare(workspace, alice))[0]
    parts = [ToColumn(foreign, Choice(endpoint_named("demo/plain"), {}))]

    with pytest.raises(ColumnRefused) as refused:
        send_to_columns(entry, alice, "Hello", parts, uuid.uuid4())

    assert isinstance(refused.value.reason, ConversationGone)
    assert nothing_is_stored()


def test_the_entry_itself_takes_no_prompt(entry, alice):
    with pytest.raises(ConversationGone):
        send_prompt(entry, alice, "Hello", Choice(endpoint_named("demo/plain"), {}), uuid.uuid4())

    assert nothing_is_stored()


def test_a_deleted_comparison_takes_no_prompt(entry, alice):
    columns = columns_of(entry)
    delete_conversation(entry, alice)

    with pytest.raises(ConversationGone):
        parts = [ToColumn(column, Choice(endpoint_named("demo/plain"), {})) for column in columns]
        send_to_columns(entry, alice, "Hello", parts, uuid.uuid4())

    assert nothing_is_stored()


def test_files_go_to_every_column_and_their_bytes_are_stored_once(entry, alice, workspace):
    upload = files.keep(Media(MediaKind.FILE, "text/plain", "notes.txt", b"words"), workspace, uploader=alice)

    runs = send(entry, alice, attachments=[upload.code])

    kept = StoredFile.objects.filter(name="notes.txt")
    assert kept.count() == len(runs) == 8
    assert len(set(kept.values_list("content"))) == 1
    assert set(kept.values_list("message__conversation", flat=True)) == {
        column.pk for column in columns_of(entry)
    }
    with pytest.raises(AttachmentGone):
        end(runs)
        send(entry, alice, "Again", attachments=[upload.code])


def test_two_people_who_send_at_once_do_so_in_turn(workspace, alice, entry):
    ready = Barrier(2)

    def one(_: int) -> object:
        try:
            ready.wait(20)
            return send(entry, alice, uuid.uuid4().hex)
        except ColumnRefused as refusal:
            return refusal.reason
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        results = list(pool.map(one, range(2)))

    assert sorted(type(result).__name__ for result in results) == ["AnswerPending", "list"]
    assert Run.objects.count() == 8
    assert Message.objects.count() == 16


def test_comparisons_at_once_hold_no_more_than_fits(workspace, alice, catalogue, each_costs_75):
    """Limits of models are locked in one order, whichever columns come first, and runs that end take part."""
    for model in ("demo/plain", "demo/markdown"):
        Limit.objects.create(
            workspace=workspace,
            unit="credits",
            period="day",
            amount=5 * 75,
            model_pattern=model,
        )
    Limit.objects.create(workspace=workspace, unit="credits", period="day", amount=8 * 75)
    entries = [compare(workspace, alice, 2) for _ in range(6)]
    Conversation.objects.filter(column_of=entries[1]).update(column_place=1 - F("column_place"))
    ready = Barrier(6)

    def one(number: int) -> bool:
        try:
            ready.wait(20)
            end(send(entries[number], alice))
            return True
        except ColumnRefused as refused:
            assert isinstance(refused.reason, LimitReached)
            return False
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as pool:
        results = list(pool.map(one, range(6)))

    assert any(results)
    assert Run.objects.count() == 2 * sum(results)
    assert not Hold.objects.filter(state=Hold.State.OPEN).exists()
    assert ledger.audit() == []
