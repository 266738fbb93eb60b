"""Columns of a comparison: added, duplicated, moved, copied from, removed, and gone on with alone."""

from __future__ import annotations

import uuid
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection
from django.urls import reverse

from chat.columns import get_comparison_for
from chat.exceptions import AnswerPending, ColumnsFew, ColumnsFull, ConversationGone
from chat.flows.add_column import add_column, duplicate_column
from chat.flows.build_request import Choice
from chat.flows.compare_conversation import compare_conversation
from chat.flows.copy_to_columns import CopiedPart, copy_to_columns
from chat.flows.delete_conversation import delete_conversation
from chat.flows.finish_run import Outcome, finish_run
from chat.flows.go_on_with_column import go_on_with_column
from chat.flows.move_column import move_column
from chat.flows.remove_column import remove_column
from chat.flows.restore_conversation import restore_conversation
from chat.flows.select_model import select_model
from chat.flows.send_to_columns import ToColumn, send_to_columns
from chat.flows.set_system_prompt import set_system_prompt
from chat.flows.share_with_member import share_with_member
from chat.models import Conversation, Run
from chat.pages.figures import figures_of
from chat.transcript import branch
from playground.upstream.answer import Answer
from playground.upstream.events import Finished, TextDelta
from tests.chat.comparing import columns_of, compare, endpoint_named, send

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def entry(workspace, alice, catalogue) -> Conversation:
    return compare(workspace, alice, 3)


def end(runs: list[Run], text: str = "An answer.") -> None:
    for run in runs:
        answer = Answer()
        for event in (TextDelta(text), Finished("stop")):
            answer.apply(event)
        assert finish_run(run, Outcome(Run.Status.FINISHED, answer), fence=0)


def order(entry: Conversation) -> list[int]:
    return [column.pk for column in columns_of(entry)]


def codes(entry: Conversation) -> list[uuid.UUID]:
    return [column.code for column in columns_of(entry)]


def texts_of(column: Conversation) -> list[str]:
    column.refresh_from_db()
    return [message.text for message in branch(column, column.head_id)] if column.head_id else []


def test_a_comparison_takes_eight_columns_and_no_more(entry, alice):
    for _ in range(5):
        add_column(entry, alice, Choice(endpoint_named("demo/plain"), {}))

    with pytest.raises(ColumnsFull):
        add_column(entry, alice, None)
    with pytest.raises(ColumnsFull):
        duplicate_column(columns_of(entry)[0], alice)

    assert [column.column_place for column in columns_of(entry)] == list(range(8))


def test_columns_added_at_once_are_eight_at_most(entry, alice):
    ready = Barrier(6)

    def one(_: int) -> bool:
        try:
            ready.wait(20)
            add_column(entry, alice, None)
            return True
        except ColumnsFull:
            return False
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as pool:
        assert sum(pool.map(one, range(6))) == 5

    assert sorted(column.column_place for column in columns_of(entry)) == list(range(8))


def test_a_new_column_is_shared_like_the_others(entry, alice, bob):
    share_with_member(entry, alice, bob.memberships.get(), can_write=True)

    added = add_column(entry, alice, None)

    assert added.shares.get().can_write
    assert [grant.conversation.pk for grant in get_comparison_for(bob, entry.code).columns] == order(entry)


def test_a_duplicate_stands_beside_its_column_with_setting_system_prompt_and_messages(entry, alice):
    first, second, third = columns_of(entry)
    set_system_prompt(first, alice, "Be brief.")
    end(send(entry, alice, "Hello"))
    select_model(first, alice, endpoint_named("demo/plain"), {"temperature": 0.5})

    copy = duplicate_column(Conversation.objects.get(pk=first.pk), alice)

    assert order(entry) == [first.pk, copy.pk, second.pk, third.pk]
    copy = Conversation.objects.get(pk=copy.pk)
    assert (copy.parameters, copy.system_text, copy.model_id) == (
        {"temperature": 0.5},
        "Be brief.",
        endpoint_named("demo/plain").model_id,
    )
    assert texts_of(copy) == ["Hello", "An answer."]


def test_a_column_is_not_duplicated_or_copied_from_while_it_is_written(entry, alice):
    send(entry, alice)
    first = columns_of(entry)[0]

    for act in (
        lambda: duplicate_column(first, alice),
        lambda: go_on_with_column(first, alice),
        lambda: copy_to_columns(first, alice, CopiedPart.MESSAGES, codes(entry)),
    ):
        with pytest.raises(AnswerPending):
            act()
    assert Conversation.objects.count() == 4


def test_columns_are_moved_up_to_the_ends(entry, alice):
    first, second, third = columns_of(entry)

    move_column(first, alice, by=1)
    assert order(entry) == [second.pk, first.pk, third.pk]
    move_column(second, alice, by=-1)
    assert order(entry) == [second.pk, first.pk, third.pk]
    move_column(second, alice, by=1)
    move_column(second, alice, by=1)
    move_column(second, alice, by=1)
    assert order(entry) == [first.pk, third.pk, second.pk]


def test_a_removed_column_ends_its_answer_and_two_columns_stay(entry, alice):
    runs = send(entry, alice)
    first, second, third = columns_of(entry)

    assert [run.pk for run in remove_column(second, alice)] == [runs[1].pk]

    assert order(entry) == [first.pk, third.pk]
    assert [column.column_place for column in columns_of(entry)] == [0, 1]
    assert Run.objects.get(pk=runs[1].pk).status == "stopped"
    with pytest.raises(ColumnsFew):
        remove_column(first, alice)
    with pytest.raises(ConversationGone):
        move_column(second, alice, by=1)

    # The whole comparison comes back without it.
    delete_conversation(entry, alice)
    restore_conversation(entry, alice)
    assert order(entry) == [first.pk, third.pk]


def test_a_system_prompt_is_copied_as_a_version(entry, alice):
    first, second, third = columns_of(entry)
    set_system_prompt(first, alice, "Be brief.")
    set_system_prompt(second, alice, "Be long.")

    copy_to_columns(first, alice, CopiedPart.SYSTEM, codes(entry))

    shown = [Conversation.objects.get(pk=each.pk).system_text for each in (first, second, third)]
    assert shown == ["Be brief."] * 3
    assert [version.text for version in second.system_prompts.all()] == ["Be long.", "Be brief."]
    set_system_prompt(first, alice, "")
    copy_to_columns(first, alice, CopiedPart.SYSTEM, codes(entry))
    assert Conversation.objects.get(pk=third.pk).system_text == ""


def test_a_part_is_copied_to_the_chosen_columns_only(entry, alice, client_for):
    first, second, third = columns_of(entry)
    set_system_prompt(first, alice, "Be brief.")
    # An answer in a column that is not chosen is no obstacle.
    third_only = [ToColumn(third, Choice(endpoint_named("demo/plain"), {}))]
    send_to_columns(entry, alice, "Hello", third_only, uuid.uuid4())

    assert copy_to_columns(first, alice, CopiedPart.SYSTEM, [second.code, uuid.uuid4()]) == 1
    shown = [Conversation.objects.get(pk=each.pk).system_text for each in (second, third)]
    assert shown == ["Be brief.", ""]

    url = reverse("chat:copy_to_columns", args=[second.code])
    client = client_for(alice)
    assert client.post(url, {"part": "nonsense", "to": first.code}).status_code == 400
    page = client.post(url, {"part": "system"}, follow=True)
    assert "Choose at least one column to copy to." in page.text
    page = client.post(url, {"part": "system", "to": third.code}, follow=True)
    assert "An answer is still being written" in page.text
    page = client.post(url, {"part": "system", "to": first.code}, follow=True)
    assert "The system prompt was copied to 1 column." in page.text


def test_a_column_is_moved_to_a_place(entry, alice, client_for):
    first, second, third = columns_of(entry)
    url = reverse("chat:move_column", args=[first.code])
    for data, status in (({"place": "2"}, 302), ({"place": "99"}, 302), ({"place": "-1"}, 400), ({}, 400)):
        assert client_for(alice).post(url, data).status_code == status
        assert order(entry) == [second.pk, third.pk, first.pk]


def test_parameters_are_copied_as_far_as_each_model_takes_them(entry, alice):
    first, second, _ = columns_of(entry)
    plain = endpoint_named("demo/plain")
    select_model(first, alice, plain, {"temperature": 0.5, "logit_bias": {"1": 2}})

    copy_to_columns(first, alice, CopiedPart.PARAMETERS, codes(entry))

    copied = Conversation.objects.get(pk=second.pk)
    assert copied.model_id == endpoint_named("demo/markdown").model_id
    assert copied.parameters["temperature"] == 0.5
    known = endpoint_named("demo/markdown").request_schema["properties"]
    assert set(copied.parameters) <= set(known)


def test_messages_are_copied_as_another_version_and_the_old_ones_stay(entry, alice):
    first, second, _ = columns_of(entry)
    set_system_prompt(first, alice, "Be brief.")
    runs = send(entry, alice, "Hello")
    end(runs[:1], "From the first.")
    end(runs[1:], "From another.")

    copy_to_columns(Conversation.objects.get(pk=first.pk), alice, CopiedPart.MESSAGES, codes(entry))

    assert texts_of(second) == ["Hello", "From the first."]
    assert second.messages.filter(text="From another.").exists()
    copied = second.head
    assert copied and copied.copied_from and copied.system_prompt
    assert copied.system_prompt.text == "Be brief."
    assert second.system_text == ""
    assert texts_of(first) == ["Hello", "From the first."]


def test_going_on_alone_makes_an_ordinary_conversation_of_ones_own(entry, alice, bob):
    share_with_member(entry, alice, bob.memberships.get(), can_write=False)
    end(send(entry, alice, "Hello"))
    first = Conversation.objects.get(pk=order(entry)[1])

    alone = go_on_with_column(first, bob)

    assert (alone.owner, alone.column_of_id, alone.is_comparison) == (bob, None, False)
    assert texts_of(alone) == ["Hello", "An answer."]
    assert alone.model_id == first.model_id
    assert len(order(entry)) == 3


def test_a_conversation_is_compared_by_copies_and_stays_as_it_is(conversation, alice):
    markdown = endpoint_named("demo/markdown")
    conversation.parameters = {"temperature": 0.5}
    conversation.save()

    entry = compare_conversation(conversation, alice, [markdown])

    first, second = columns_of(entry)
    assert (first.model_id, second.model_id) == (conversation.model_id, markdown.model_id)
    assert texts_of(first) == texts_of(second) == texts_of(conversation)
    assert second.parameters == {"temperature": 0.5}
    assert entry.title == conversation.title
    assert conversation.column_of_id is None
    with pytest.raises(ConversationGone):
        compare_conversation(entry, alice, [markdown])


def test_the_figures_mark_the_best_of_each(entry, alice):
    runs = send(entry, alice)
    end(runs)
    Run.objects.filter(pk=runs[0].pk).update(first_token_ms=300, output_tokens=10, credits=20)
    Run.objects.filter(pk=runs[1].pk).update(first_token_ms=200, output_tokens=30, credits=10)
    Run.objects.filter(pk=runs[2].pk).update(status="stopped", first_token_ms=1, output_tokens=1, credits=1)

    figures = figures_of(get_comparison_for(alice, entry.code).columns, ["One", "Two", "Three"])

    assert [each.first_token.text for each in figures] == ["300 ms", "200 ms", "1 ms"]
    assert [each.first_token.is_best for each in figures] == [False, True, False]
    assert [each.tokens.is_best for each in figures] == [True, False, False]
    assert [each.cost.is_best for each in figures] == [False, True, False]
    assert [each.total.is_best for each in figures] == [False, False, True]


def test_without_an_ended_answer_there_are_no_figures(entry, alice):
    assert figures_of(get_comparison_for(alice, entry.code).columns, ["One", "Two", "Three"]) == []
    send(entry, alice, key=uuid.uuid4())
    assert figures_of(get_comparison_for(alice, entry.code).columns, ["One", "Two", "Three"]) == []
