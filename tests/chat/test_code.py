"""Code for the request of an answer, and for the one that a composer would send."""

from __future__ import annotations

import html
import uuid

import pytest
from django.urls import reverse

from accounts.models import Role
from chat import files
from chat.flows.build_request import Choice
from chat.flows.send_prompt import start_conversation
from chat.media import examine
from chat.models import Access, Draft, Run
from playground.code.reading import read_paste
from playground.models import Endpoint, Provider
from tests.media_files import picture

pytestmark = pytest.mark.django_db

FORMS = ("curl", "python-httpx", "python-openai", "js-fetch", "js-openai")


def texts_of(response, code_id: str) -> dict[str, str]:
    """Return the text of each form on the page, as it is copied."""
    assert response.status_code == 200
    page = response.content.decode()
    found = {}
    for name in FORMS:
        start = page.index(">", page.index(f'id="code-text-{code_id}-{name}"')) + 1
        inner = page[start : page.index("</code>", start)]
        spanless = "".join(part.rpartition(">")[2] for part in inner.split("<"))
        found[name] = html.unescape(spanless)
    return found


def code_of(client, run: Run):
    return client.get(reverse("chat:code", args=[run.code]))


def test_every_form_sends_the_body_of_the_answers_request(conversation, alice, client_for):
    run = conversation.runs.get()
    texts = texts_of(code_of(client_for(alice), run), str(run.code))
    for name, text in texts.items():
        paste = read_paste(text)
        assert (paste.kind, paste.body) == (run.endpoint_kind, run.body), name
        assert "Authorization" not in text


def test_hostile_texts_stay_text(workspace, alice, endpoint, client_for):
    prompt = "</code></pre><script>alert(1)</script>{{ x }} {% y %} \"' & &amp;"
    run = start_conversation(workspace, alice, prompt, Choice(endpoint, {}), uuid.uuid4())
    response = code_of(client_for(alice), run)
    assert "<script" not in response.content.decode()
    assert read_paste(texts_of(response, str(run.code))["js-fetch"]).body == run.body


@pytest.mark.parametrize(
    ("kind", "name", "variable"),
    [("aimlapi", "AI/ML API", "AIMLAPI_API_KEY"), ("openai", "Bea's Server", "BEAS_SERVER_API_KEY")],
)
def test_the_key_is_an_environment_variable_of_the_provider(
    conversation, alice, client_for, kind, name, variable
):
    Provider.objects.update(kind=kind, name=name, base_url="https://api.example.com/v1", needs_key=True)
    run = conversation.runs.get()
    response = code_of(client_for(alice), run)
    for text in texts_of(response, str(run.code)).values():
        assert variable in text
        assert read_paste(text).base_url == "https://api.example.com/v1"
    Provider.objects.update(needs_key=False)
    assert variable not in code_of(client_for(alice), run).content.decode()


def test_the_model_may_be_gone(conversation, alice, client_for):
    run = conversation.runs.get()
    Endpoint.objects.all().delete()
    texts = texts_of(code_of(client_for(alice), run), str(run.code))
    assert read_paste(texts["curl"]).base_url == "https://api.example.com/v1"


def test_code_reads_large_files_and_contains_small_ones(workspace, alice, catalogue, client_for, settings):
    endpoint = Endpoint.objects.get(model__model_id="demo/senses", kind="chat/completions")
    large = files.keep(examine(picture("PNG", (900, 700)), "my photo.png"), workspace, uploader=alice)
    small = files.keep(examine(picture("PNG", (1, 1)), "dot.png"), workspace, uploader=alice)
    assert small.byte_size < 1_000 < large.byte_size
    run = start_conversation(
        workspace, alice, "Look", Choice(endpoint, {}), uuid.uuid4(), [large.code, small.code]
    )
    response = code_of(client_for(alice), run)
    for text in texts_of(response, str(run.code)).values():
        (use,) = read_paste(text).files
        assert (use.name, use.media_type) == ("my-photo.png", large.media_type)
        assert "playground-file" not in text
    page = response.content.decode()
    assert f'href="{reverse("chat:file", args=[large.code])}"' in page
    assert reverse("chat:file", args=[small.code]) not in page
    # A file that was deleted is named, and nothing fails.
    large.delete()
    small.delete()
    assert "no longer on this server" in code_of(client_for(alice), run).content.decode()


def test_the_code_of_an_answer_is_for_its_readers(conversation, alice, bob, carol, client, client_for):
    run = conversation.runs.get()
    url = reverse("chat:code", args=[run.code])
    assert client_for(bob).get(url).status_code == 404
    conversation.workspace_access = Access.READ
    conversation.save()
    assert client_for(bob).get(url).status_code == 200
    assert client_for(alice).post(url).status_code == 405
    assert client_for(carol).get(url).status_code == 404
    assert client.get(url).status_code == 302


def posted(endpoint: Endpoint, text: str, **more: str) -> dict[str, str]:
    return {"text": text, "endpoint": str(endpoint.pk), "idempotency_key": str(uuid.uuid4()), **more}


def test_the_composer_of_a_new_chat_has_code(workspace, alice, endpoint, client_for):
    Draft.objects.create(workspace=workspace, user=alice, model=endpoint.model, system_text="Be brief.")
    url = reverse("chat:code_of_new", args=[workspace.slug])
    data = posted(endpoint, "It's me", **{"p.temperature": "0.5"})
    texts = texts_of(client_for(alice).post(url, data), "next")
    for text in texts.values():
        body = read_paste(text).body
        assert body["messages"] == [
            {"role": "system", "content": "Be brief."},
            {"role": "user", "content": "It's me"},
        ]
        assert body["temperature"] == 0.5
    assert Run.objects.count() == 0


def test_an_empty_composer_has_code_with_a_sample(workspace, alice, endpoint, client_for):
    url = reverse("chat:code_of_new", args=[workspace.slug])
    response = client_for(alice).post(url, posted(endpoint, " "))
    assert read_paste(texts_of(response, "next")["curl"]).body["messages"][-1]["content"] == "Hello!"
    assert "Your prompt is empty" in response.content.decode()


def test_the_composer_of_a_conversation_has_code_with_its_messages(conversation, alice, endpoint, client_for):
    url = reverse("chat:next_code", args=[conversation.code])
    texts = texts_of(client_for(alice).post(url, posted(endpoint, "And now?")), "next")
    messages = read_paste(texts["python-openai"]).body["messages"]
    assert [each["content"] for each in messages] == ["Say hello", "Hello **there**.", "And now?"]


def test_a_composer_that_could_not_be_sent_says_why(workspace, alice, endpoint, running_run, client_for):
    client = client_for(alice)
    new, url = (
        reverse("chat:code_of_new", args=[workspace.slug]),
        reverse("chat:next_code", args=[running_run.thread.code]),
    )
    assert "still being written" in client.post(url, posted(endpoint, "x")).content.decode()
    wrong = client.post(new, posted(endpoint, "x", **{"p.temperature": "40"})).content.decode()
    assert "<b>temperature</b>" in wrong
    gone = client.post(new, posted(endpoint, "x", attachments=str(uuid.uuid4())))
    assert "Attach it again" in gone.content.decode()


@pytest.mark.parametrize("is_new", [True, False])
def test_code_for_a_composer_is_for_those_who_may_send(
    workspace, conversation, alice, bob, carol, endpoint, client, client_for, is_new
):
    conversation.workspace_access = Access.READ
    conversation.save()
    url = (
        reverse("chat:code_of_new", args=[workspace.slug])
        if is_new
        else reverse("chat:next_code", args=[conversation.code])
    )
    data = posted(endpoint, "x")
    assert client_for(alice).get(url).status_code == 405
    bob.memberships.update(role=Role.VIEWER)
    assert client_for(bob).post(url, data).status_code == 403
    assert client_for(carol).post(url, data).status_code == 404
    assert client.post(url, data).status_code == 302
