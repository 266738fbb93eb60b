"""A deleted conversation is gone for everybody, and comes back whole if its owner restores it in time."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

import pytest
from django.urls import reverse
from django.utils.timezone import now

from accounts.models import LedgerEntry, Membership
from chat import files
from chat.exceptions import ConversationGone
from chat.flows.build_request import Choice
from chat.flows.delete_conversation import delete_conversation
from chat.flows.place_conversation import place_conversation
from chat.flows.purge_conversations import RESTORABLE_FOR, purge_conversations
from chat.flows.rename_conversation import rename_conversation
from chat.flows.restore_conversation import restore_conversation
from chat.flows.send_prompt import send_prompt
from chat.flows.share_with_workspace import share_with_workspace
from chat.media import Media
from chat.models import Access, Conversation, Draft, Exchange, Message, Placement, Run, StoredFile
from chat.pages.recent_models import recent_models
from chat.relays import chores
from playground.upstream.dialects.shared.transcript import MediaKind

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.django_db

# Every address that shows or changes something of a conversation.
ADDRESSES = (
    ("get", "conversation", "conversation"),
    ("post", "send", "conversation"),
    ("post", "configure", "conversation"),
    ("post", "rename", "conversation"),
    ("get", "share", "conversation"),
    ("post", "delete", "conversation"),
    ("get", "message_text", "answer"),
    ("get", "earlier", "answer"),
    ("post", "edit", "prompt"),
    ("post", "regenerate", "answer"),
    ("post", "retry_without", "answer"),
    ("post", "retry_longer", "answer"),
    ("post", "retry_shorter", "answer"),
    ("post", "retry_elsewhere", "answer"),
    ("post", "return_tool_results", "answer"),
    ("get", "logprobs", "answer"),
    ("post", "select_choice", "answer"),
    ("post", "show", "answer"),
    ("get", "file", "file"),
    ("post", "stop", "run"),
    ("get", "exchanges", "run"),
    ("get", "raw_answer", "run"),
    ("get", "exchange_file", "run"),
)


@pytest.fixture
def codes(conversation, alice, workspace) -> dict[str, uuid.UUID]:
    """The codes of a conversation that is shared, and of its parts."""
    share_with_workspace(conversation, alice, Access.WRITE)
    run = conversation.runs.get()
    Exchange.objects.create(run=run, number=1, sent_at=run.created_at, body_size=0, raw_size=0, ending="read")
    text = Media(MediaKind.FILE, "text/plain", "notes.txt", b"words")
    prompt, answer = conversation.messages.order_by("pk")
    file = files.keep(text, workspace, uploader=alice, message=prompt)
    return {
        "conversation": conversation.code,
        "prompt": prompt.code,
        "answer": answer.code,
        "run": run.code,
        "file": file.code,
    }


@pytest.fixture
def purge_in_time() -> Callable[[], int]:
    """Purge what is deleted as if the time for that had come."""

    def purge() -> int:
        Conversation.with_deleted.filter(deleted_at__isnull=False).update(
            deleted_at=now() - 2 * RESTORABLE_FOR
        )
        return purge_conversations()

    return purge


def everything() -> list[list[dict[str, Any]]]:
    tables: tuple[Any, ...] = (
        Conversation.with_deleted,
        Message.objects,
        Run.objects,
        StoredFile.objects,
        Placement.objects,
    )
    rows = [list(table.order_by("pk").values()) for table in tables]
    for row in rows[0]:
        # The retention of a restored conversation counts anew.
        del row["kept_since"]
    return rows


def test_every_address_is_gone_for_everybody_at_once_and_comes_back(
    codes, conversation, alice, bob, client_for
):
    clients = {"owner": client_for(alice), "reader": client_for(bob)}

    def found(client, method: str, name: str, part: str) -> bool:
        code = [codes[part], 1] if name in {"raw_answer", "exchange_file"} else [codes[part]]
        status = getattr(client, method)(reverse(f"chat:{name}", args=code)).status_code
        return bool(status != 404)

    delete_conversation(conversation, alice)
    for who, client in clients.items():
        for address in ADDRESSES:
            assert not found(client, *address), (who, address)
        new = client.get(reverse("chat:new", args=["acme"]), {"from": codes["answer"]})
        assert new.status_code == 404
        for query in ("", "hello"):
            html = client.get(reverse("chat:search", args=["acme"]), {"q": query}).content.decode()
            assert str(codes["conversation"]) not in html, (who, query)

    restore_conversation(conversation, alice)
    for who, client in clients.items():
        for method, name, part in ADDRESSES:
            if method == "get" and name not in {"raw_answer", "exchange_file", "logprobs"}:
                assert found(client, method, name, part), (who, name)


def test_all_of_it_comes_back(codes, conversation, alice, bob):
    place_conversation(conversation, alice, Placement.Place.PINNED)
    place_conversation(conversation, bob, Placement.Place.ARCHIVED)
    before = everything()
    delete_conversation(conversation, alice)
    assert everything() != before
    restore_conversation(conversation, alice)
    assert everything() == before
    # Two clicks are one.
    restore_conversation(conversation, alice)
    assert everything() == before


def test_it_is_purged_only_when_its_time_has_come(codes, conversation, alice, second_run, purge_in_time):
    entries = list(LedgerEntry.objects.values())
    delete_conversation(conversation, alice)
    assert purge_conversations() == 0
    assert Conversation.with_deleted.count() == 2
    assert purge_in_time() == 1
    assert list(Conversation.with_deleted.all()) == [second_run.thread]
    assert not StoredFile.objects.exists()
    assert list(Run.objects.all()) == [second_run]
    assert list(LedgerEntry.objects.values()) == entries
    with pytest.raises(ConversationGone):
        restore_conversation(conversation, alice)
    assert purge_in_time() == 0


def test_what_was_restored_is_not_purged(conversation, alice, monkeypatch, purge_in_time):
    """It is restored after the chore has found it."""
    from chat.flows import purge_conversations as module

    purge = module._purge

    def too_late(keys: list[int]) -> int:
        restore_conversation(conversation, alice)
        return purge(keys)

    monkeypatch.setattr(module, "_purge", too_late)
    delete_conversation(conversation, alice)
    assert purge_in_time() == 0
    assert Conversation.objects.get() == conversation


def test_a_deleted_conversation_takes_no_changes(conversation, alice, endpoint):
    stale = Conversation.objects.get()
    delete_conversation(conversation, alice)
    before = everything()
    rename_conversation(stale, alice, "Another name")
    share_with_workspace(stale, alice, Access.WRITE)
    stale.store({"parameters": {"temperature": 1}})
    for refused in (
        lambda: place_conversation(stale, alice, Placement.Place.PINNED),
        lambda: send_prompt(stale, alice, "Hi", Choice(endpoint, {}), uuid.uuid4()),
    ):
        with pytest.raises(ConversationGone):
            refused()
    assert everything() == before


def test_its_model_is_no_longer_a_recent_one(conversation, alice):
    membership = Membership.objects.get(user=alice)
    assert recent_models(membership) != []
    # The model of the next new chat is one that the member chose; it stays.
    Draft.objects.update(model=None)
    delete_conversation(conversation, alice)
    assert recent_models(membership) == []


@pytest.mark.django_db(transaction=True)
async def test_a_process_purges_what_another_one_has_deleted(conversation):
    await Conversation.with_deleted.aupdate(deleted_at=now() - 2 * RESTORABLE_FOR)
    await chores.purge_deleted()
    assert not await Conversation.with_deleted.aexists()
