"""The rules of a workspace for how long it keeps conversations and raw answers."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.timezone import now

from accounts.models import AuditEvent, LedgerEntry, Membership, Workspace
from chat.flows import expire_conversations as expiring
from chat.flows.audit_books import audit_books
from chat.flows.build_request import Choice
from chat.flows.delete_conversation import delete_conversation
from chat.flows.expire_conversations import expire_conversations
from chat.flows.keep_exchanges import keep_exchanges, purge_exchanges
from chat.flows.place_conversation import place_conversation
from chat.flows.purge_conversations import purge_conversations
from chat.flows.restore_conversation import restore_conversation
from chat.flows.send_prompt import send_prompt
from chat.models import Conversation, Exchange, Message, Run, StoredFile
from chat.retention import Rules, kept_until
from playground.upstream.recording.recorder import Recording
from tests.chat.comparing import compare

pytestmark = pytest.mark.django_db

PAGE, SAVE = (reverse(f"chat:{name}", args=["acme"]) for name in ("retention", "set_content_rules"))

# The fields of temporary chats as the page shows them.
TEMPORARY = {"allows_temporary": "on", "temporary_hours": "24"}


def rule(workspace: Workspace, **rules: object) -> None:
    Workspace.objects.filter(pk=workspace.pk).update(**rules)


def aged(conversation: Conversation, days: float) -> Conversation:
    at = now() - timedelta(days=days)
    Conversation.objects.filter(pk=conversation.pk).update(updated_at=at, created_at=at)
    return conversation


def several(workspace, owner, number: int, days: float) -> None:
    at = now() - timedelta(days=days)
    made = Conversation.objects.bulk_create(
        Conversation(workspace=workspace, owner=owner, title=f"Chat {each}", updated_at=at)
        for each in range(number)
    )
    Message.objects.bulk_create(
        Message(conversation=each, role=role, text="Hi") for each in made for role in ("user", "assistant")
    )


def exchange(run: Run, days: float, number: int = 1) -> Exchange:
    recording = Recording(1000)
    recording.sent_at = now() - timedelta(days=days)
    made = Exchange.of(run, number, recording)
    assert made is not None
    made.save()
    return made


def text_of(response) -> str:
    return " ".join(response.content.decode().split())


def test_nothing_is_deleted_without_a_rule(workspace, conversation):
    aged(conversation, 5000)
    assert expire_conversations() == 0
    assert kept_until(conversation, Rules.of(workspace)) is None


def test_an_old_conversation_goes_and_its_cost_stays(workspace, conversation, alice):
    rule(workspace, conversation_days=30)
    entries = LedgerEntry.objects.count()
    assert entries
    several(workspace, alice, 1, days=29)
    aged(conversation, 31)

    assert expire_conversations() == 1
    assert [each.title for each in Conversation.objects.all()] == ["Chat 0"]
    Conversation.with_deleted.exclude(deleted_at=None).update(deleted_at=now() - timedelta(minutes=2))
    assert purge_conversations() == 1

    assert not Run.objects.exists()
    assert LedgerEntry.objects.count() == entries
    assert audit_books() == []
    [event] = AuditEvent.objects.filter(action="content.expire")
    assert (event.actor, event.after, event.origin) == (None, {"conversations": 1}, "")


def test_another_workspace_keeps_its_own(workspace, conversation, carol):
    theirs = Membership.objects.get(user=carol).workspace
    rule(theirs, conversation_days=1)
    several(theirs, carol, 1, days=2)
    aged(conversation, 2)
    assert expire_conversations() == 1
    assert list(Conversation.objects.all()) == [conversation]


def test_what_its_owner_has_pinned_is_kept_while_they_are_a_member(workspace, conversation, alice, bob):
    rule(workspace, conversation_days=30)
    aged(conversation, 31)
    place_conversation(conversation, alice, "pinned")
    assert expire_conversations() == 0
    assert kept_until(conversation, Rules.of(Workspace.objects.get(pk=workspace.pk))) is None

    place_conversation(conversation, alice, "")
    place_conversation(conversation, bob, "pinned")
    assert expire_conversations() == 1

    restore_conversation(conversation, alice)
    aged(conversation, 31)
    place_conversation(conversation, alice, "pinned")
    Conversation.objects.update(kept_since=None)
    Membership.objects.filter(user=alice, workspace=workspace).delete()
    assert expire_conversations() == 1


def test_a_pin_keeps_nothing_if_the_rule_says_so(workspace, conversation, alice):
    rule(workspace, conversation_days=30, keeps_pinned=False)
    place_conversation(aged(conversation, 31), alice, "pinned")
    assert expire_conversations() == 1


@pytest.mark.parametrize("run", ["queued_run", "running_run"])
def test_a_run_that_goes_on_is_not_touched(run, request, workspace):
    rule(workspace, conversation_days=1)
    found = request.getfixturevalue(run)
    aged(found.conversation, 2)
    assert expire_conversations() == 0
    found.refresh_from_db()
    assert found.is_live


def test_a_comparison_goes_with_its_columns(workspace, catalogue, alice):
    rule(workspace, conversation_days=1)
    comparison = compare(workspace, alice)
    every = [comparison, *comparison.columns.all()]
    for each in every[:-1]:
        aged(each, 2)
    assert expire_conversations() == 0, "one column has changed"
    aged(every[-1], 2)
    assert expire_conversations() == 1
    assert not Conversation.objects.exists()


def test_a_prompt_that_comes_first_keeps_it(workspace, conversation, alice, endpoint, monkeypatch):
    rule(workspace, conversation_days=1)
    aged(conversation, 2)
    locking = expiring.lock_with_columns

    def late(keys):
        send_prompt(conversation, alice, "More", Choice(endpoint, {}), uuid.uuid4())
        locking(keys)

    monkeypatch.setattr(expiring, "lock_with_columns", late)
    assert expire_conversations() == 0
    assert Conversation.objects.exists()


def test_an_import_and_a_restoration_count_from_their_day(workspace, conversation, alice):
    rule(workspace, conversation_days=30)
    aged(conversation, 31)
    delete_conversation(conversation, alice)
    restore_conversation(conversation, alice)
    assert expire_conversations() == 0
    conversation.refresh_from_db()
    until = kept_until(conversation, Rules(conversation_days=30))
    assert until is not None
    assert until > now() + timedelta(days=29)


def test_ten_thousand_are_deleted_in_portions(workspace, alice, monkeypatch):
    rule(workspace, conversation_days=1)
    several(workspace, alice, 10_000, days=2)
    with CaptureQueriesContext(
        connection,
    ) as statements:
        assert expire_conversations() == 10_000
    # Locks, looks, updates and an event, whatever a portion has.
    assert len(statements) < 12 * (10_000 / expiring.PORTION) + 10
    assert AuditEvent.objects.filter(action="content.expire").count() == 50
    assert expire_conversations() == 0


def test_purging_many_costs_few_statements(workspace, alice):
    several(workspace, alice, 200, days=2)
    Conversation.objects.update(deleted_at=now() - timedelta(hours=1))
    with CaptureQueriesContext(connection) as statements:
        assert purge_conversations() == 200
    assert len(statements) < 200
    assert not Conversation.with_deleted.exists()
    assert not StoredFile.objects.exists()


def test_raw_answers_go_after_the_days_of_their_workspace(
    workspace, conversation, second_run, carol, settings
):
    settings.RAW_RETENTION_DAYS = 30
    [run] = Run.objects.filter(conversation=conversation)
    old, fresh = exchange(run, 8), exchange(second_run, 6)
    rule(Membership.objects.get(user=carol).workspace, raw_days=1)
    assert purge_exchanges() == 0
    rule(workspace, raw_days=7)
    assert purge_exchanges() == 1
    assert list(Exchange.objects.all()) == [fresh]
    # The installation's own days are the most.
    rule(workspace, raw_days=300)
    Exchange.objects.update(sent_at=now() - timedelta(days=31))
    assert purge_exchanges() == 1
    assert old.pk is not None
    assert LedgerEntry.objects.exists()


@pytest.mark.parametrize(("days", "kept"), [(0, 0), (1, 1), (None, 1)])
def test_a_workspace_can_keep_no_raw_answers(days, kept, workspace, conversation):
    rule(workspace, raw_days=days)
    [run] = Run.objects.all()
    recording = Recording(1000)
    recording.sent_at = now()
    keep_exchanges(run, [recording])
    assert Exchange.objects.count() == kept


@pytest.mark.parametrize(
    ("raw_days", "age", "said"),
    [
        (30, 31, "No longer kept: the workspace keeps raw answers for 30 days."),
        (1, 31, "No longer kept: the workspace keeps raw answers for 1 day."),
        (0, 0, "Not kept: the workspace keeps no raw answers."),
        (None, 91, "No longer kept: this installation keeps raw answers for 90 days."),
        (300, 91, "No longer kept: this installation keeps raw answers for 90 days."),
        (30, 0, "The raw answer is not stored, or was deleted."),
    ],
)
def test_the_inspector_says_why_it_has_no_raw_answer(
    raw_days, age, said, workspace, conversation, alice, client_for, settings
):
    settings.RAW_RETENTION_DAYS = 90
    rule(workspace, raw_days=raw_days)
    Run.objects.update(created_at=now() - timedelta(days=age))
    url = reverse("chat:exchanges", args=[Run.objects.get().code])
    assert said in text_of(client_for(alice).get(f"{url}?tab=raw"))


def test_the_conversation_says_until_when_it_is_kept(workspace, conversation, alice, bob, client_for):
    url = reverse("chat:conversation", args=[conversation.code])
    assert "Kept until" not in text_of(client_for(alice).get(url))
    rule(workspace, conversation_days=30)
    Conversation.objects.update(workspace_access="read")
    page = text_of(client_for(bob).get(url))
    assert "Kept until" in page
    assert "is deleted on" not in page

    aged(conversation, 25)
    page = text_of(client_for(alice).get(url))
    assert "Unless somebody continues it, this conversation is deleted on" in page
    assert "Pin to keep it" in page
    assert "Pin to keep it" not in text_of(client_for(bob).get(url))
    place_conversation(conversation, alice, "pinned")
    for person in (alice, bob):
        assert "Kept until" not in text_of(client_for(person).get(url))


def test_an_owner_sets_rules_after_a_question_that_names_what_goes(
    workspace, conversation, alice, client_for
):
    client, [run] = client_for(alice), Run.objects.all()
    aged(conversation, 31)
    exchange(run, 8)
    exchange(run, 8, number=2)
    shown = client.get(PAGE).context["form"].initial["seen"]
    asked = {"conversation_days": "30", "keeps_pinned": "on", "raw_days": "7", **TEMPORARY, "seen": shown}

    page = text_of(client.post(SAVE, asked))
    assert "<b>1 conversation</b> and <b>the raw answers of 1 message</b> now" in page
    workspace.refresh_from_db()
    assert Rules.of(workspace) == Rules()
    assert not AuditEvent.objects.filter(action="settings.content_rules").exists()

    assert client.post(SAVE, {**asked, "confirmed": "on"}).status_code == 302
    workspace.refresh_from_db()
    assert Rules.of(workspace) == Rules(30, True, 7)
    [event] = AuditEvent.objects.filter(action="settings.content_rules")
    assert event.after == {"conversation_days": 30, "raw_days": 7}
    assert "kept for 30 days after their last change" in text_of(
        client.get(reverse("chat:workspace", args=["acme"]))
    )


def test_the_second_of_two_owners_is_told(workspace, alice, client_for):
    client = client_for(alice)
    shown = client.get(PAGE).context["form"].initial["seen"]
    rule(workspace, conversation_days=90)
    page = text_of(client.post(SAVE, {"raw_days": "7", **TEMPORARY, "seen": shown}))
    assert "changed this while the page was open" in page
    workspace.refresh_from_db()
    assert (workspace.conversation_days, workspace.raw_days) == (90, None)


@pytest.mark.parametrize("days", ["0", "-1", "3651", "1.5", "x", "9" * 5000])
def test_it_refuses_other_numbers(days, workspace, alice, client_for):
    assert client_for(alice).post(SAVE, {"conversation_days": days}).status_code == 200
    workspace.refresh_from_db()
    assert workspace.conversation_days is None


def test_only_owners_change_the_rules(ada, bob, carol, client, client_for):
    assert client_for(ada).post(SAVE, {"conversation_days": "1"}).status_code == 403
    assert client_for(bob).get(PAGE).status_code == 403
    assert client_for(carol).get(PAGE).status_code == 404
    assert client.get(PAGE).headers["Location"].startswith("/sign-in/")
    assert client_for(ada).get(SAVE).status_code == 405
    page = text_of(client_for(ada).get(reverse("chat:workspace", args=["acme"])))
    assert "An owner can change these rules." in page
    assert PAGE not in page
