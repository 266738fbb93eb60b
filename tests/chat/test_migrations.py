"""Databases of earlier versions."""

from __future__ import annotations

import uuid
from importlib import import_module

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.utils.timezone import now

from accounts.models import Workspace
from chat.models import Conversation, Draft, Message, Run

pytestmark = [pytest.mark.django_db(transaction=True)]


def migrate(name: str):
    """Migrate the tables of the chat; return its models as they were."""
    target = [("chat", name)]
    MigrationExecutor(connection).migrate(target)
    return MigrationExecutor(connection).loader.project_state(target).apps


@pytest.fixture
def newest():
    """The newest migration, whose tables are there again after the test."""
    name = MigrationExecutor(connection).loader.graph.leaf_nodes("chat")[0][1]
    yield name
    migrate(name)


def test_runs_get_the_workspaces_of_their_conversations(newest, workspace, alice, monkeypatch):
    # Three statements for the five runs.
    monkeypatch.setattr(import_module("chat.migrations.0008_fill_workspaces_of_runs"), "BATCH", 2)
    other = Workspace.objects.create(slug="second", name="Second")
    earlier = migrate("0006_endpoint_kinds_without_choices")
    expected = {}
    for number in range(5):
        home = (workspace, other)[number % 2]
        conversation = earlier.get_model("chat", "Conversation").objects.create(
            workspace_id=home.pk, owner_id=alice.pk
        )
        answer = earlier.get_model("chat", "Message").objects.create(
            conversation=conversation, role="assistant"
        )
        run = earlier.get_model("chat", "Run").objects.create(
            conversation=conversation, answer=answer, idempotency_key=uuid.uuid4(), lease_expires_at=now()
        )
        expected[run.pk] = home.pk

    migrate(newest)

    assert dict(Run.objects.values_list("pk", "workspace")) == expected
    assert all(run.thread.pk == run.message.conversation_id for run in Run.objects.all())


def test_texts_of_earlier_versions_can_be_searched(newest, workspace, alice, monkeypatch):
    module = import_module("chat.migrations.0012_fill_folded_texts")
    monkeypatch.setattr(module, "BATCH", 2)
    monkeypatch.setattr(module, "MOST_CHARACTERS", 9)
    earlier = migrate("0010_encodings_of_texts")
    old = earlier.get_model("chat", "Conversation").objects.create(
        workspace_id=workspace.pk, owner_id=alice.pk, title="Der \u202eTÍTEL"
    )
    for text in ("ПЕРЕВОД", "", "Éclair", "x", "Straße"):
        earlier.get_model("chat", "Message").objects.create(
            conversation=old,
            role="user",
            text=text,
            data={"choices": {"1": {"text": "ZWÉI"}}} if text == "x" else {},
        )

    migrate(newest)

    assert list(Conversation.objects.values_list("title", "folded_title")) == [("Der TÍTEL", "der titel")]
    folded = list(Message.objects.order_by("pk").values_list("folded", flat=True))
    assert folded == ["перевод", "", "eclair", "x zwei", "strasse"]


def test_new_chats_offer_what_earlier_versions_applied(newest, workspace, alice, bob):
    drafts = migrate("0014_deletion_and_placements").get_model("chat", "Draft").objects
    place = {"endpoint_kind": "responses", "schema_digest": "d"}
    drafts.create(
        user_id=alice.pk,
        workspace_id=workspace.pk,
        parameters={"n": 2},
        set_aside={"values": {"a": 1}},
        **place,
    )
    drafts.create(user_id=bob.pk, workspace_id=workspace.pk, set_aside={"values": {"a": 1}}, **place)

    migrate(newest)

    offered = {"parameters": {"n": 2}, "model": None, "kind": "responses", "digest": "d"}
    assert dict(Draft.objects.values_list("user", "last_chat")) == {alice.pk: offered, bob.pk: {}}
    assert set(map(str, Draft.objects.values_list("parameters", flat=True))) == {"{}"}
    assert set(map(str, Draft.objects.values_list("set_aside", flat=True))) == {"{}"}


def test_conversations_stay_shared_as_they_were(newest, workspace, alice):
    earlier = migrate("0013_count_unreadable_pieces")
    for visibility in ("private", "workspace"):
        earlier.get_model("chat", "Conversation").objects.create(
            workspace_id=workspace.pk, owner_id=alice.pk, title=visibility, visibility=visibility
        )

    migrate(newest)

    accesses = dict(Conversation.objects.values_list("title", "workspace_access"))
    assert accesses == {"private": "none", "workspace": "write"}


def test_system_prompts_that_were_parameters_are_those_of_the_conversation(newest, workspace, alice):
    earlier = migrate("0018_rename_kinds_of_access")
    conversations, drafts = (
        earlier.get_model("chat", "Conversation").objects,
        earlier.get_model("chat", "Draft").objects,
    )
    blocks = [
        {"type": "text", "text": "Be brief.", "cache_control": {"type": "ephemeral"}},
        {"type": "text", "text": "Be kind."},
    ]
    expected = {}
    for parameters, text in (
        ({"system": "Be brief.", "top_p": 1}, "Be brief."),
        ({"instructions": "Be kind."}, "Be kind."),
        ({"system": blocks}, "Be brief.\n\nBe kind."),
        ({"system": None}, ""),
        ({"top_p": 1}, ""),
    ):
        row = conversations.create(workspace_id=workspace.pk, owner_id=alice.pk, parameters=parameters)
        expected[row.pk] = (text, {name: parameters[name] for name in parameters if name == "top_p"})
    last_chat = {"parameters": {"system": "Old", "n": 2}, "model": 1, "kind": "messages", "digest": "d"}
    drafts.create(
        user_id=alice.pk, workspace_id=workspace.pk, parameters={"system": "Be new."}, last_chat=last_chat
    )

    migrate(newest)

    found = Conversation.objects.select_related("system_prompt")
    assert {row.pk: (row.system_text, row.parameters) for row in found} == expected
    assert {row.system_prompt_count for row in found if row.system_text} == {1}
    assert all(row.system_prompt.author == alice for row in found if row.system_prompt)
    draft = Draft.objects.get()
    assert (draft.system_text, draft.parameters, draft.last_chat["parameters"]) == ("Be new.", {}, {"n": 2})
