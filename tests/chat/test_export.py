"""Exports: who gets them, what is in them, and that JSON comes back as the same tree."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.urls import reverse

from chat import files
from chat.exporting import as_json as json_export
from chat.exporting.as_json import as_json
from chat.exporting.as_markdown import as_markdown
from chat.exporting.as_requests import as_requests
from chat.flows.import_conversation import import_conversation
from chat.flows.set_system_prompt import set_system_prompt
from chat.importing.found import FoundConversation
from chat.importing.read import read_conversations
from chat.media import Media, examine
from chat.models import Conversation, Message, StoredFile
from playground.upstream.dialects.shared.transcript import MediaKind

pytestmark = pytest.mark.django_db

# A picture of one pixel.
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c6360f8cf"
    "c0f01f0005000201a5c6c0d50000000049454e44ae426082"
)


@pytest.fixture
def tree(conversation, alice, workspace) -> Conversation:
    """A conversation with versions, a system prompt, a tool call and its result, and files."""
    first = set_system_prompt(conversation, alice, "Be brief.")
    set_system_prompt(conversation, alice, "Be long.")
    answer = conversation.head
    prompt = answer.parent
    Message.objects.filter(pk=answer.pk).update(system_prompt=first)
    other = Message.objects.create(
        conversation=conversation,
        parent=prompt,
        role="assistant",
        text="Another <b>answer</b>",
        provider_code="demo",
        model_id="demo/other",
        is_example=True,
        reasoning="Hm.\nYes.",
        data={
            "tool_calls": [{"id": "call_1", "name": "look_up", "arguments": '{"a": "```"}'}],
            "choices": {"1": {"text": "Third", "tool_calls": []}},
            "citations": [{"url": "https://example.org/", "title": "Example"}],
        },
    )
    result = Message.objects.create(
        conversation=conversation,
        parent=other,
        role="tool",
        text='{"sky": "grey"}',
        data={"tool_call_id": "call_1", "name": "look_up", "is_error": True},
        author=alice,
        is_edited=True,
    )
    text = Media(MediaKind.FILE, "text/plain", "notes.txt", b"words")
    files.keep(text, workspace, uploader=alice, message=prompt)
    drawn = files.keep(examine(PNG, "picture.png"), workspace, message=other)
    other.data["images"] = [{"file": str(drawn.code), "media_type": "image/png", "width": 1}]
    other.save()
    Conversation.objects.filter(pk=conversation.pk).update(head=result, title="Rain / *Ulm*")
    return Conversation.objects.get(pk=conversation.pk)


def document(conversation: Conversation) -> dict[str, Any]:
    found: dict[str, Any] = json.loads("".join(as_json(conversation)))
    return found


def imported(membership, text: str, tmp_path) -> Conversation:
    path = tmp_path / "export.json"
    path.write_text(text, encoding="utf-8")
    with path.open("rb") as file:
        (found,) = read_conversations(file)
    assert isinstance(found, FoundConversation)
    code = import_conversation(membership, found).code
    return Conversation.objects.get(code=code)


def test_json_comes_back_as_the_same_tree(tree, alice, tmp_path):
    before = document(tree)
    membership = alice.memberships.get()
    again = imported(membership, json.dumps(before), tmp_path)
    assert again.owner == alice
    assert again.workspace_access == "none"
    after = document(again)
    for old, new in zip(before["messages"], after["messages"], strict=True):
        assert new == old
    assert after == before
    # The files are copies with names of their own.
    assert StoredFile.objects.filter(message__conversation=again).count() == 2
    assert not set(tree.messages.values_list("files__code")) & set(
        again.messages.values_list("files__code")
    ) - {(None,)}


def test_it_holds_everything(tree):
    found = document(tree)
    assert found["format"] == "playground-conversation"
    assert found["version"] == 1
    assert [prompt["text"] for prompt in found["system_prompts"]] == ["Be brief.", "Be long."]
    assert found["system_prompt"] == 2
    assert [message["parent"] for message in found["messages"]] == [None, 1, 1, 3]
    assert found["head"] == 4
    prompt, answer, other, _ = found["messages"]
    assert prompt["files"][0]["name"] == "notes.txt"
    assert answer["run"]["model"] == "demo/plain"
    assert answer["system_prompt"] == 1
    assert other["data"]["images"][0]["file"] == other["files"][0]["id"] == "file-2"


def test_too_many_bytes_of_files_are_only_named(tree, monkeypatch):
    monkeypatch.setattr(json_export, "MOST_FILE_BYTES", 10)
    prompt, _, other, _ = document(tree)["messages"]
    assert "content" in prompt["files"][0]
    assert "content" not in other["files"][0]


def test_markdown_reads_like_the_page(tree):
    text = "".join(as_markdown(tree))
    assert text.startswith("# Rain / \\*Ulm\\*\n")
    assert "## System prompt\n\nBe long." in text
    assert "## Alice\n\nAttached: notes.txt (text/plain, 5 bytes)\n\nSay hello" in text
    assert "> **Reasoning**\n>\n> Hm.\n> Yes." in text
    assert 'Call of `look\\_up`:\n\n````json\n{"a": "```"}\n````' in text
    assert '## Result of look\\_up\n\n```\n{"sky": "grey"}\n```' in text
    # The other branch is not shown.
    assert "Hello **there**." not in text


def test_the_requests_are_the_bodies(tree):
    run = tree.runs.get()
    assert [json.loads(line) for line in as_requests(tree)] == [run.body]


@pytest.mark.parametrize(
    ("form", "name", "kind"),
    [
        ("markdown", "Rain - *Ulm*.md", "text/markdown"),
        ("json", "Rain - *Ulm*.json", "application/json"),
        ("jsonl", "Rain - *Ulm* requests.jsonl", "application/jsonl"),
    ],
)
def test_it_is_a_download_named_after_the_title(tree, vera, client_for, form, name, kind):
    Conversation.objects.update(workspace_access="read")
    response = client_for(vera).get(reverse("chat:export", args=[tree.code]), {"as": form})
    assert response.status_code == 200
    assert response["Content-Type"].startswith(kind)
    assert f'filename="{name}"' in response["Content-Disposition"]


def test_an_unknown_form_is_not_found(tree, alice, client_for):
    assert client_for(alice).get(reverse("chat:export", args=[tree.code]), {"as": "pdf"}).status_code == 404


def test_a_long_conversation_takes_a_few_queries(conversation, django_assert_max_num_queries):
    Message.objects.bulk_create(
        Message(conversation=conversation, parent=conversation.head, role="user", text=str(number))
        for number in range(390)
    )
    with django_assert_max_num_queries(10):
        assert len(document(conversation)["messages"]) == 392
