from __future__ import annotations

import uuid

import pytest

from chat.exceptions import ConversationGone, IdempotencyConflict
from chat.flows.build_request import Choice
from chat.flows.delete_conversation import delete_conversation
from chat.flows.open_title_run import write_title_request
from chat.flows.preview_request import preview_request
from chat.flows.send_prompt import send_prompt, start_conversation
from chat.flows.set_system_prompt import copy_versions, set_system_prompt
from chat.live import broadcast
from chat.models import Conversation, Draft, SystemPrompt

pytestmark = [pytest.mark.django_db]


def texts(conversation: Conversation) -> list[tuple[int, str]]:
    return list(conversation.system_prompts.values_list("number", "text"))


def current(conversation: Conversation) -> SystemPrompt | None:
    return Conversation.objects.select_related("system_prompt").get(pk=conversation.pk).system_prompt


def test_each_text_is_a_version_and_an_empty_one_takes_the_system_prompt_away(conversation, alice, bob):
    steps = [
        (alice, "Be brief.", 1),
        (alice, "Be brief.", 1),
        (bob, "Be kind.", 2),
        (bob, "", None),
        (bob, "", None),
        (alice, "Be brief.", 3),
    ]
    for user, text, number in steps:
        version = set_system_prompt(conversation, user, text)
        assert (version.number if version else None) == number
        assert current(conversation) == version

    assert texts(conversation) == [(1, "Be brief."), (2, "Be kind."), (3, "Be brief.")]
    assert [version.author for version in conversation.system_prompts.all()] == [alice, bob, alice]


def test_a_change_is_announced_once_it_is_committed(
    conversation, alice, monkeypatch, django_capture_on_commit_callbacks
):
    announced: list[uuid.UUID] = []
    monkeypatch.setattr(broadcast, "announce", announced.append)
    with django_capture_on_commit_callbacks(execute=True):
        set_system_prompt(conversation, alice, "Be brief.")
        assert announced == []
    assert announced == [conversation.code]

    with django_capture_on_commit_callbacks(execute=True):
        set_system_prompt(conversation, alice, "Be brief.")
    assert announced == [conversation.code]


def test_a_deleted_conversation_gets_none(conversation, alice):
    delete_conversation(conversation, alice)

    with pytest.raises(ConversationGone):
        set_system_prompt(conversation, alice, "Be brief.")
    assert texts(conversation) == []


def test_it_applies_from_the_next_answer_on(conversation, alice, endpoint):
    first = conversation.head
    version = set_system_prompt(conversation, alice, "Be brief.")

    run = send_prompt(conversation, alice, "And?", Choice(endpoint, {}), uuid.uuid4())

    assert run.body["messages"][0] == {"role": "system", "content": "Be brief."}
    assert [message["role"] for message in run.body["messages"][1:]] == ["user", "assistant", "user"]
    assert run.message.system_prompt == version
    first.refresh_from_db()
    assert first.system_prompt is None


def test_a_new_chat_begins_with_its_first_version(workspace, alice, endpoint):
    key, choice = uuid.uuid4(), Choice(endpoint, {})
    run = start_conversation(workspace, alice, "Hi", choice, key, system_text="Be brief.")

    assert run.body["messages"][0] == {"role": "system", "content": "Be brief."}
    assert texts(run.thread) == [(1, "Be brief.")]
    assert current(run.thread) == run.message.system_prompt
    assert start_conversation(workspace, alice, "Hi", choice, key, system_text="Be brief.") == run
    with pytest.raises(IdempotencyConflict):
        start_conversation(workspace, alice, "Hi", choice, key, system_text="Be long.")


def test_the_request_for_a_title_has_no_system_prompt_of_the_conversation(conversation, alice, endpoint):
    set_system_prompt(conversation, alice, "Answer in capitals.")

    _, request = write_title_request(endpoint, conversation.workspace_id, "Hi", "HELLO")

    assert "capitals" not in str(request.body)


def test_copies_keep_numbers_authors_and_the_current_version(conversation, second_run, alice, bob):
    for user, text in ((alice, "one"), (bob, "two"), (alice, "three")):
        set_system_prompt(conversation, user, text)
    source = Conversation.objects.get(pk=conversation.pk)
    target = second_run.thread

    copies = copy_versions(source, target)

    assert texts(target) == texts(source) == [(1, "one"), (2, "two"), (3, "three")]
    assert [version.author for version in target.system_prompts.all()] == [alice, bob, alice]
    assert source.system_prompt
    assert current(target) == copies[source.system_prompt.pk]
    assert {pk: copy.text for pk, copy in copies.items()} == dict(
        source.system_prompts.values_list("pk", "text")
    )


def test_a_conversation_goes_with_all_its_versions(conversation, alice):
    set_system_prompt(conversation, alice, "one")
    set_system_prompt(conversation, alice, "two")

    conversation.delete()

    assert not SystemPrompt.objects.exists()


def test_the_preview_of_a_request_has_it(conversation, alice, workspace, endpoint):
    set_system_prompt(conversation, alice, "Be brief.")
    draft = Draft(workspace=workspace, user=alice, system_text="Be long.")

    for setting, text in ((Conversation.objects.get(pk=conversation.pk), "Be brief."), (draft, "Be long.")):
        body = preview_request(setting, alice, "And?", Choice(endpoint, {})).request.body
        assert body["messages"][0] == {"role": "system", "content": text}
