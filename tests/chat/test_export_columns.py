"""The export of a comparison has all of its columns."""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING

import pytest
from asgiref.sync import async_to_sync

from chat.importing.found import FoundConversation
from chat.importing.read import read_conversations
from chat.models import Conversation
from chat.relays import background
from tests.chat.comparing import columns_of, compare, send

if TYPE_CHECKING:
    from django.test import Client

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def nothing_is_started(monkeypatch):
    monkeypatch.setattr(background, "start", lambda run: None)


@pytest.fixture
def entry(workspace, alice, catalogue) -> Conversation:
    entry = compare(workspace, alice, 3)
    send(entry, alice, "Why <tides>?")
    entry.refresh_from_db()
    return entry


def exported(client: Client, entry: Conversation, form: str) -> str:
    response = client.get(f"/c/{entry.code}/export/?as={form}")

    async def read() -> bytes:
        return b"".join([piece async for piece in response.streaming_content])  # type: ignore[attr-defined]

    return async_to_sync(read)().decode()


def titles(entry: Conversation) -> list[str]:
    models = [column.model.name for column in columns_of(entry) if column.model]
    return [f"{entry.title} ({number}: {name})" for number, name in enumerate(models, 1)]


def test_json_is_a_list_that_imports_as_a_conversation_for_each_column(entry, alice, client_for):
    text = exported(client_for(alice), entry, "json")

    assert [each["title"] for each in json.loads(text)] == titles(entry)
    found = list(read_conversations(io.BytesIO(text.encode())))
    assert [each.title for each in found] == titles(entry)
    for each in found:
        assert isinstance(each, FoundConversation)
        assert [message.role for message in each.messages] == ["user", "assistant"]
        assert each.messages[0].text == "Why <tides>?"


def test_markdown_and_requests_have_every_column(entry, alice, client_for):
    markdown = exported(client_for(alice), entry, "markdown")
    assert markdown.count("Why <tides>?\n") == 3
    assert len([line for line in markdown.splitlines() if line.startswith("# ")]) == 3
    lines = exported(client_for(alice), entry, "jsonl").splitlines()
    models = [column.model.model_id for column in columns_of(entry) if column.model]
    assert [json.loads(line)["model"] for line in lines] == models


def test_a_stranger_finds_no_comparison_to_export(entry, carol, client_for):
    assert client_for(carol).get(f"/c/{entry.code}/export/").status_code == 404
