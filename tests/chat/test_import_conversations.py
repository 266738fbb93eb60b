"""The dialog of importing: it lists what a file has, and stores what was chosen."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from chat.flows import import_conversation as flow
from chat.models import Conversation, Message, StoredFile
from tests.media_files import picture

pytestmark = pytest.mark.django_db

HTMX = {"HX-Request": "true"}


def own(title: str, text: str = "Hi", **more: Any) -> dict[str, Any]:
    messages = [
        {"id": 1, "parent": None, "role": "user", "text": text, "author": "Somebody else"},
        {"id": 2, "parent": 1, "role": "assistant", "text": "<script>x</script>", "run": {"model": "gpt-4o"}},
    ]
    return {"format": "playground-conversation", "version": 1, "title": title, "messages": messages, **more}


@pytest.fixture
def post(client_for, workspace):
    def send(person, name: str, content: Any, **data):
        text = content if isinstance(content, bytes) else json.dumps(content).encode()
        url = reverse(f"chat:{name}", args=[workspace.slug])
        file = SimpleUploadedFile("export.json", text)
        return client_for(person).post(url, {"file": file, **data}, headers=HTMX)

    return send


def test_it_lists_and_stores_what_was_chosen(alice, workspace, endpoint, post):
    file = [own("One"), own("Two", version=9), own("<b>Three</b>", updated_at="2020-01-02T00:00:00+00:00")]
    shown = post(alice, "look_into_import", file).content.decode()
    assert not Conversation.objects.exists()
    assert "Import <span data-import-count>2</span>" in shown
    assert "&lt;b&gt;Three&lt;/b&gt;" in shown
    assert "1 could not be read" in shown
    assert "It has version “9” of the format." in shown

    done = post(alice, "store_import", file, place=["1", "2"])
    (conversation,) = Conversation.objects.all()
    assert (conversation.title, conversation.owner, conversation.workspace_access) == (
        "<b>Three</b>",
        alice,
        "none",
    )
    assert conversation.updated_at.year == 2020
    html = done.content.decode()
    assert "1 conversation imported." in html
    assert "1 could not be read" in html
    # The list of the page has it too.
    assert 'id="sidebar-list"' in html


def test_the_page_of_an_import(alice, workspace, endpoint, post, client_for):
    setting = {"model": endpoint.model.model_id, "parameters": {"temperature": 0.5, "temperatur": 1}}
    post(alice, "store_import", own("One", setting=setting), place="0")
    conversation = Conversation.objects.get()
    page = client_for(alice).get(reverse("chat:conversation", args=[conversation.code]))
    html = page.content.decode()
    assert '<h2 class="answer-model">gpt-4o</h2>' in html
    assert "<script>x" not in html
    # Another person's words do not become the importer's.
    assert "Somebody else" in html
    assert page.context["form"].parameters == {"temperature": 0.5, "temperatur": 1}


def test_nothing_of_a_conversation_is_stored_if_a_part_fails(alice, post, monkeypatch):
    def fail(*_args):
        raise RuntimeError("the database is gone")

    monkeypatch.setattr(flow, "add_messages", fail)
    with pytest.raises(RuntimeError):
        post(alice, "store_import", own("One"), place="0")
    assert not Conversation.objects.exists()
    assert not StoredFile.objects.exists()


def test_files_of_an_import_are_examined(alice, post):
    files = [
        {"id": "file-1", "name": "../notes.txt", "content": "d29yZHM="},
        {"id": "file-2", "name": "broken", "content": "!!"},
        {"id": "file-3", "name": "inside", "address": "https://127.0.0.1/x.png"},
        {"id": "file-4", "name": "rain", "kind": "audio", "address": "https://example.org/rain.mp3"},
        {"id": "file-5", "name": "cat", "kind": "file", "address": "https://example.org/cat.png"},
    ]
    message = {"id": 1, "parent": None, "role": "user", "text": "Hi", "files": files}
    post(alice, "store_import", own("One", messages=[message]), place="0")
    found = StoredFile.objects.values_list("name", "kind", "address", "message")
    only = Message.objects.get().pk
    assert list(found) == [
        ("notes.txt", "file", "", only),
        ("rain.mp3", "audio", "https://example.org/rain.mp3", only),
        ("cat.png", "image", "https://example.org/cat.png", only),
    ]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"hello", "It is not valid JSON: line 1, column 1."),
        (own("One", version=2), "One: It has version “2” of the format."),
        (b"", "empty"),
    ],
)
def test_it_says_why_nothing_can_be_read(alice, post, content, said):
    response = post(alice, "look_into_import", content)
    assert response.status_code == 422
    assert said in response.content.decode()


def test_a_file_over_the_limit_is_refused_with_the_limit(alice, post, settings):
    settings.MAX_IMPORT_MB = 0
    response = post(alice, "store_import", own("One"), place="0")
    assert response.status_code == 422
    assert "A file can have at most 0 MB." in response.content.decode()
    assert not Conversation.objects.exists()


@pytest.mark.parametrize("name", ["look_into_import", "store_import"])
def test_a_post_without_a_file_or_a_choice_says_so(alice, workspace, client_for, name):
    response = client_for(alice).post(reverse(f"chat:{name}", args=[workspace.slug]), headers=HTMX)
    assert response.status_code == 422
    assert "Choose" in response.content.decode()


def test_a_long_conversation_takes_a_few_queries(alice, post, django_assert_max_num_queries):
    messages = [{"id": 1, "parent": None, "role": "user", "text": "x"}]
    messages += [{"id": n, "parent": n - 1, "role": "user", "text": "x"} for n in range(2, 401)]
    with django_assert_max_num_queries(60):
        post(alice, "store_import", own("One", messages=messages), place="0")
    assert Message.objects.count() == 400


def test_files_of_requests_are_kept(alice, workspace, endpoint, post):
    image = f"data:image/png;base64,{base64.b64encode(picture()).decode()}"
    address = "https://example.org/cat.png"
    parts = [
        {"type": "image_url", "image_url": {"url": image}},
        {"type": "image_url", "image_url": {"url": address}},
        {"type": "input_file", "file_url": "https://example.org/a.pdf"},
        {"type": "text", "text": "Look"},
    ]
    body = {"model": "demo/senses", "messages": [{"role": "user", "content": parts}]}
    post(alice, "store_import", json.dumps(body).encode(), place=["0"])
    message = Message.objects.get()
    assert [(file.kind, file.address) for file in message.files.all()] == [("image", ""), ("image", address)]
    assert message.text == "Look\n\n[A part of the request that cannot be imported]"


def test_a_request_that_cannot_be_read_says_where(alice, workspace, endpoint, post):
    lines = b'{"model": "a", "messages": [{"role": "oracle"}]}'
    shown = post(alice, "look_into_import", lines).content.decode()
    assert "“messages[0]” cannot be read: it has a role that the playground does not know." in shown
