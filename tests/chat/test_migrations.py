"""Databases of earlier versions."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader
from django.utils.timezone import now

from accounts.models import User, Workspace
from chat.models import Conversation, Draft, Message, Run
from tests.schema_of_database import drop_tables, schema_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

pytestmark = [pytest.mark.django_db(transaction=True)]


@dataclass(frozen=True)
class Earlier:
    """The tables of an earlier version, and whose rows are put into them."""

    apps: Any
    workspace: Workspace
    user: User

    def rows(self, model: str) -> Any:
        return self.apps.get_model("chat", model).objects

    def conversation(self, **values: Any) -> Any:
        mine = {"workspace_id": self.workspace.pk, "owner_id": self.user.pk}
        return self.rows("Conversation").create(**{**mine, **values})


def runs_get_the_workspaces_of_their_conversations(earlier: Earlier) -> Iterator[None]:
    other = Workspace.objects.create(slug="second", name="Second")
    expected = {}
    for number in range(5):
        home = (earlier.workspace, other)[number % 2]
        conversation = earlier.conversation(workspace_id=home.pk)
        answer = earlier.rows("Message").create(conversation=conversation, role="assistant")
        run = earlier.rows("Run").create(
            conversation=conversation, answer=answer, idempotency_key=uuid.uuid4(), lease_expires_at=now()
        )
        expected[run.pk] = home.pk
    yield
    assert dict(Run.objects.values_list("pk", "workspace")) == expected
    assert all(run.thread.pk == run.message.conversation_id for run in Run.objects.all())


def texts_can_be_searched(earlier: Earlier) -> Iterator[None]:
    conversation = earlier.conversation(title="Der \u202eTÍTEL")
    for text in ("ПЕРЕВОД", "", "Éclair", "x", "Straße"):
        earlier.rows("Message").create(
            conversation=conversation,
            role="user",
            text=text,
            data={"choices": {"1": {"text": "ZWÉI"}}} if text == "x" else {},
        )
    yield
    found = Conversation.objects.get(pk=conversation.pk)
    assert (found.title, found.folded_title) == ("Der TÍTEL", "der titel")
    folded = Message.objects.filter(conversation=found).order_by("pk").values_list("folded", flat=True)
    assert list(folded) == ["перевод", "", "eclair", "x zwei", "strasse"]


def new_chats_offer_what_was_applied(earlier: Earlier) -> Iterator[None]:
    bob = User.objects.create_user("bob@example.org", "a word", name="Bob")
    place = {"workspace_id": earlier.workspace.pk, "endpoint_kind": "responses", "schema_digest": "d"}
    aside = {"values": {"a": 1}}
    earlier.rows("Draft").create(user_id=earlier.user.pk, parameters={"n": 2}, set_aside=aside, **place)
    earlier.rows("Draft").create(user_id=bob.pk, set_aside=aside, **place)
    yield
    offered = {"parameters": {"n": 2}, "model": None, "kind": "responses", "digest": "d"}
    drafts = Draft.objects.filter(workspace=earlier.workspace)
    assert dict(drafts.values_list("user", "last_chat")) == {earlier.user.pk: offered, bob.pk: {}}
    assert set(map(str, drafts.values_list("parameters", flat=True))) == {"{}"}
    assert set(map(str, drafts.values_list("set_aside", flat=True))) == {"{}"}


def drafts_in_which_something_was_set_are_begun(earlier: Earlier) -> Iterator[None]:
    others = [User.objects.create_user(f"{name}@example.org", "a word", name=name) for name in ("cy", "di")]
    given: list[dict[str, Any]] = [
        {"parameters": {"n": 2}},
        {"system_text": "Mine."},
        {"last_chat": {"parameters": {}}},
    ]
    people = [earlier.user, *others]
    for person, fields in zip(people, given, strict=True):
        earlier.rows("Draft").create(user_id=person.pk, workspace_id=earlier.workspace.pk, **fields)
    yield
    drafts = {draft.user_id: draft for draft in Draft.objects.filter(workspace=earlier.workspace)}
    found = [(drafts[person.pk].is_begun, drafts[person.pk].is_system_set) for person in people]
    assert found == [(True, False), (True, True), (False, False)]


def conversations_stay_shared(earlier: Earlier) -> Iterator[None]:
    for visibility in ("private", "workspace"):
        earlier.conversation(title=visibility, visibility=visibility)
    yield
    found = Conversation.objects.filter(workspace=earlier.workspace)
    accesses = dict(found.values_list("title", "workspace_access"))
    assert accesses == {"private": "none", "workspace": "write"}


def system_prompts_leave_the_parameters(earlier: Earlier) -> Iterator[None]:
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
        row = earlier.conversation(parameters=parameters)
        expected[row.pk] = (text, {name: parameters[name] for name in parameters if name == "top_p"})
    last_chat = {"parameters": {"system": "Old", "n": 2}, "model": 1, "kind": "messages", "digest": "d"}
    earlier.rows("Draft").create(
        user_id=earlier.user.pk,
        workspace_id=earlier.workspace.pk,
        parameters={"system": "Be new."},
        last_chat=last_chat,
    )
    yield
    found = Conversation.objects.filter(workspace=earlier.workspace).select_related("system_prompt")
    assert {row.pk: (row.system_text, row.parameters) for row in found} == expected
    assert {row.system_prompt_count for row in found if row.system_text} == {1}
    assert all(row.system_prompt.author == earlier.user for row in found if row.system_prompt)
    draft = Draft.objects.get(workspace=earlier.workspace)
    assert (draft.system_text, draft.parameters, draft.last_chat["parameters"]) == ("Be new.", {}, {"n": 2})


# Each puts rows into the tables of that version, and looks at them after the newest migration.
CASES: dict[str, Callable[[Earlier], Iterator[None]]] = {
    "0006_endpoint_kinds_without_choices": runs_get_the_workspaces_of_their_conversations,
    "0010_encodings_of_texts": texts_can_be_searched,
    "0013_count_unreadable_pieces": conversations_stay_shared,
    "0014_deletion_and_placements": new_chats_offer_what_was_applied,
    "0018_rename_kinds_of_access": system_prompts_leave_the_parameters,
    "0028_queued_prompts": drafts_in_which_something_was_set_are_begun,
}


class StepByStep(MigrationLoader):
    """The migrations as databases of earlier versions take them, without those that put them together."""

    def load_disk(self) -> None:
        super().load_disk()
        steps = {key: each for key, each in self.disk_migrations.items() if not each.replaces}
        self.disk_migrations = steps


def executor() -> MigrationExecutor:
    executor = MigrationExecutor(connection)
    executor.loader = StepByStep(connection)
    return executor


def migrate_all(apart_from: str = "") -> None:
    steps = executor()
    steps.migrate([leaf for leaf in steps.loader.graph.leaf_nodes() if leaf[0] != apart_from])


def migrate_chat(name: str) -> Any:
    """Migrate the tables of the chat; return its models as they are then."""
    target = [("chat", name)]
    steps = executor()
    steps.migrate(target)
    return steps.loader.project_state(target).apps


@pytest.fixture
def made_at_once() -> Iterator[dict[tuple[str, str], object]]:
    """The schema of the database, which is empty now. Its tables are there again after the test."""
    schema = schema_of(connection)
    drop_tables(connection)
    yield schema
    migrate_all()


def test_rows_of_earlier_versions_are_brought_along(made_at_once, monkeypatch):
    """Go from nothing to the newest migration once: each takes time, and all rows can travel together."""
    # Small portions, so that several statements are needed.
    texts = import_module("chat.migrations.0012_fill_folded_texts")
    monkeypatch.setattr(texts, "BATCH", 2)
    monkeypatch.setattr(texts, "MOST_CHARACTERS", 9)
    monkeypatch.setattr(import_module("chat.migrations.0008_fill_workspaces_of_runs"), "BATCH", 2)
    # The cases make workspaces and people with today's models.
    migrate_all(apart_from="chat")
    travellers = []
    for version in sorted(CASES):
        apps = migrate_chat(version)
        home = Workspace.objects.create(slug=f"at-{version[:4]}", name=version)
        user = User.objects.create_user(f"{version[:4]}@example.org", "a word", name=version)
        traveller = CASES[version](Earlier(apps, home, user))
        next(traveller)
        travellers.append(traveller)
    migrate_all()
    # The squashed migrations, which made the database of the tests, leave nothing out.
    assert schema_of(connection) == made_at_once
    for traveller in travellers:
        assert next(traveller, "looked") == "looked"
