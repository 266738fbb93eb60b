"""A prompt taken into a new chat, and a conversation saved as a prompt."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from chat.flows.pin_version import pin_version
from chat.flows.save_prompt import PromptFields, add_prompt, save_prompt
from chat.models import Conversation, Draft, Prompt, StoredFile
from chat.prompts.content import MessageRole, PromptContent, PromptMessage, Variable, VariableKind

pytestmark = pytest.mark.django_db

USER, ASSISTANT = MessageRole.USER, MessageRole.ASSISTANT
SHORT = PromptContent(
    "Answer {{who}}.", (PromptMessage(USER, "Why {{what}}?"),), (Variable("who"), Variable("what"))
)


def stored(workspace, alice, content: PromptContent = SHORT) -> Prompt:
    return add_prompt(workspace, PromptFields("Reply", "", content), actor=alice)


def address(prompt: Prompt, name: str = "chat:use_prompt") -> str:
    return reverse(name, args=[prompt.workspace.slug, prompt.code])


def test_values_are_asked_for_and_fill_the_next_chat(client_for, alice, workspace, endpoint):
    client, prompt = client_for(alice), stored(workspace, alice)
    html = client.get(address(prompt)).content.decode()
    assert 'name="value.who"' in html and 'name="value.what"' in html

    response = client.post(address(prompt), {"value.who": "{{what}}", "value.what": "<b>"})

    assert response.url == f"{reverse('chat:new', args=[workspace.slug])}?opened"
    draft = Draft.objects.get()
    assert (draft.system_text, draft.prompt_text) == ("Answer {{what}}.", "Why <b>?")
    assert "Why &lt;b&gt;?" in client.get(response.url).content.decode()


def test_a_missing_value_stays_on_the_page(client_for, alice, workspace, endpoint):
    client, prompt = client_for(alice), stored(workspace, alice)

    response = client.post(address(prompt), {"value.who": "Ana", "value.unknown": "x"})

    html = response.content.decode()
    assert response.status_code == 422
    assert "Enter a value." in html and 'value="Ana"' in html
    assert not Draft.objects.exists()


def test_earlier_messages_open_a_conversation(client_for, alice, workspace, endpoint):
    call = {"id": "1", "name": "look", "arguments": "{}", "type": "function"}
    messages = (
        PromptMessage(USER, "Look at {{what}}"),
        PromptMessage(ASSISTANT, "", tool_calls=(call,)),
        PromptMessage(MessageRole.TOOL, "seen", call_id="1"),
        PromptMessage(MessageRole.PLACEHOLDER, name="history"),
        PromptMessage(ASSISTANT, "It is red."),
        PromptMessage(USER, "And now?"),
    )
    prompt = stored(workspace, alice, PromptContent("Be brief.", messages))

    response = client_for(alice).post(address(prompt), {"value.what": "it"})

    conversation = Conversation.objects.get()
    assert response.url == reverse("chat:conversation", args=[conversation.code])
    assert conversation.system_text == "Be brief."
    assert conversation.prompt_text == "And now?"
    found = list(conversation.messages.order_by("pk").values_list("role", "text"))
    assert found == [("user", "Look at it"), ("assistant", ""), ("tool", "seen"), ("assistant", "It is red.")]
    assert conversation.messages.get(text="seen").data["name"] == "look"


def test_a_file_goes_with_its_message(client_for, alice, workspace, endpoint):
    content = PromptContent(
        "", (PromptMessage(USER, "Read {{page}}"),), (Variable("page", VariableKind.FILE),)
    )
    client, prompt = client_for(alice), stored(workspace, alice, content)

    assert "Choose a file." in client.post(address(prompt)).content.decode()
    bad = SimpleUploadedFile("a.exe", b"MZ\x00\x01\x02")
    assert client.post(address(prompt), {"value.page": bad}).status_code == 422
    assert not StoredFile.objects.exists()
    response = client.post(address(prompt), {"value.page": SimpleUploadedFile("a.txt", b"words")})

    file = StoredFile.objects.get()
    assert f"upload={file.code}" in response.url
    assert Draft.objects.get().prompt_text == "Read"
    assert "a.txt" in client.get(response.url).content.decode()


def test_the_production_version_is_used_unless_another_is_named(client_for, alice, workspace, endpoint):
    client, prompt = client_for(alice), stored(workspace, alice)
    save_prompt(prompt, PromptFields("Reply", "", PromptContent("{{new}}")), 1, actor=alice)

    assert "value.new" in client.get(address(prompt)).content.decode()
    pin_version(prompt, 1, actor=alice)
    html = client.get(address(prompt)).content.decode()
    assert "value.who" in html and "pinned for production" in html
    assert "value.new" in client.get(address(prompt), {"number": "2"}).content.decode()
    assert client.get(address(prompt), {"number": "9"}).status_code == 404


def test_what_has_changed_since_is_said_before_use(client_for, alice, workspace, endpoint):
    content = PromptContent(
        "Hi", model="demo/gone", provider="demo", parameters={"temperature": 99, "odd": 1}
    )
    client, prompt = client_for(alice), stored(workspace, alice, content)

    html = client.get(address(prompt)).content.decode()

    assert "There is no model “demo/gone” here." in html
    assert "“odd” is left out" in html and "“temperature” is left out" in html
    assert client.post(address(prompt)).status_code == 302
    assert Draft.objects.get().parameters == {}


def test_a_preset_sets_the_next_chat(client_for, alice, workspace, endpoint):
    content = PromptContent(
        "Be brief.", provider="demo", model=endpoint.model.model_id, parameters={"top_p": 0.5}
    )
    prompt = stored(workspace, alice, content)

    client_for(alice).post(address(prompt))

    draft = Draft.objects.get()
    assert (draft.system_text, draft.model, draft.parameters) == ("Be brief.", endpoint.model, {"top_p": 0.5})


def test_a_workspace_without_models_says_so(client_for, alice, workspace):
    client, prompt = client_for(alice), stored(workspace, alice)

    assert "There is no model to use." in client.get(address(prompt)).content.decode()
    assert client.post(address(prompt), {"value.who": "a", "value.what": "b"}).status_code == 422


def test_a_conversation_is_saved_and_used_again(client_for, alice, conversation):
    client = client_for(alice)
    url = reverse("chat:save_as_prompt", args=[conversation.code])
    assert conversation.title in client.get(url).content.decode()

    client.post(url, {"name": "Hello", "keeps": "all"})
    assert (
        "already has a prompt called" in client.post(url, {"name": "Hello", "keeps": "all"}).content.decode()
    )
    client.post(url, {"name": "Preset", "keeps": "preset"})

    content = Prompt.objects.get(name="Hello").versions.get().read()
    assert [(each.role, each.text) for each in content.messages] == [
        ("user", "Say hello"),
        ("assistant", "Hello **there**."),
    ]
    assert (content.provider, content.model) == ("demo", "demo/plain")
    assert Prompt.objects.get(name="Preset").versions.get().read().is_preset
    client.post(address(Prompt.objects.get(name="Hello")))
    copy = Conversation.objects.latest("pk")
    assert copy != conversation and copy.messages.count() == 2


def test_the_composer_lists_prompts_and_takes_the_text_of_a_plain_one(client_for, alice, workspace, endpoint):
    content = PromptContent("", (PromptMessage(USER, r"Why {{what}}? \{{kept}}"),))
    client, plain = client_for(alice), stored(workspace, alice, content)
    listed = client.get(reverse("chat:pick_prompt", args=[workspace.slug])).content.decode()
    assert address(plain, "chat:fill_prompt") in listed

    form = client.get(address(plain, "chat:fill_prompt")).content.decode()
    assert 'name="value.what"' in form and 'value="insert"' in form
    refused = client.post(address(plain, "chat:fill_prompt"), {"way": "insert"})
    assert refused.status_code == 422 and "Enter a value." in refused.content.decode()
    taken = client.post(address(plain, "chat:fill_prompt"), {"way": "insert", "value.what": "<me>"})
    assert "Why &lt;me&gt;? {{kept}}" in taken.content.decode()
    assert not Draft.objects.exists()


def test_a_plain_prompt_without_variables_comes_at_once(client_for, alice, workspace, endpoint):
    prompt = stored(workspace, alice, PromptContent("", (PromptMessage(USER, "Only this"),)))
    assert (
        "data-prompt-text>\nOnly this<"
        in client_for(alice).get(address(prompt, "chat:fill_prompt")).content.decode()
    )


def test_a_whole_setup_opens_in_a_new_chat_from_the_composer(client_for, alice, workspace, endpoint):
    client, prompt = client_for(alice), stored(workspace, alice)
    values = {"value.who": "Ana", "value.what": "now", "way": "insert"}
    assert 'value="insert"' not in client.get(address(prompt, "chat:fill_prompt")).content.decode()

    response = client.post(address(prompt, "chat:fill_prompt"), values)

    assert response["HX-Redirect"] == f"{reverse('chat:new', args=[workspace.slug])}?opened"
    assert Draft.objects.get().prompt_text == "Why now?"


def test_uses_are_listed_and_others_private_chats_are_not_named(client_for, alice, bob, workspace, endpoint):
    messages = (PromptMessage(USER, "Secret title"), PromptMessage(ASSISTANT, "b"), PromptMessage(USER, "c"))
    client, prompt = client_for(alice), stored(workspace, alice, PromptContent("", messages))
    uses = address(prompt, "chat:prompt_uses")
    assert "It was not used yet." in client.get(uses).content.decode()

    client.post(address(prompt))

    conversation = Conversation.objects.get()
    assert reverse("chat:conversation", args=[conversation.code]) in client.get(uses).content.decode()
    theirs = client_for(bob).get(uses).content.decode()
    assert "a chat that you can&#x27;t see" in theirs or "a chat that you can't see" in theirs
    assert "Secret title" not in theirs
