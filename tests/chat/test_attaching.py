"""Files that the composer offers to attach, and attached files on the page."""

from __future__ import annotations

import re
import uuid

import pytest
from django.urls import reverse

from accounts.models import Membership, Role
from chat import files
from chat.flows.select_model import select_model
from chat.flows.share_with_workspace import share_with_workspace
from chat.media import examine
from chat.models import Access, Message, StoredFile
from chat.pages.attaching import Attaching, attached, attaching_at
from chat.pages.composer import draft_of
from playground.catalogue.generic import generic_schema
from playground.catalogue.store_endpoints import store_endpoint
from playground.models import Endpoint, UpstreamModel
from tests.media_files import PDF, picture, wav

pytestmark = pytest.mark.django_db


@pytest.fixture
def anything(endpoint) -> Endpoint:
    """An endpoint whose schema does not describe messages, like those of other servers."""
    model = UpstreamModel.objects.create(
        provider=endpoint.model.provider, model_id="demo/anything", name="Anything", position=900
    )
    store_endpoint(model, "chat/completions", generic_schema(), source="a test")
    return Endpoint.objects.select_related("model__provider").get(model=model)


@pytest.fixture
def prompt(conversation) -> Message:
    return Message.objects.get(conversation=conversation, role=Message.Role.USER)


def kept(workspace, uploader, name: str, content: bytes, **more) -> StoredFile:
    return files.keep(examine(content, name), workspace, uploader=uploader, **more)


def page_of(client, conversation) -> str:
    return str(client.get(reverse("chat:conversation", args=[conversation.code])).content.decode())


def test_it_offers_what_the_model_takes(anything):
    offered = attaching_at(anything)
    assert offered.words == "images, PDF files, text files and audio"
    assert (offered.fetched, offered.fetched_words) == (("image",), "an image")
    assert offered.takes_audio
    assert {"image/png", ".pdf", ".wav"} <= set(offered.accept.split(","))


def test_a_model_of_words_takes_texts(endpoint):
    offered = attaching_at(endpoint)
    assert (offered.words, offered.fetched, offered.takes_audio) == ("text files", (), False)


def test_without_a_model_there_is_nothing_to_offer():
    assert attaching_at(None) == Attaching()


def test_the_controls_follow_the_model(alice, client_for, workspace, endpoint, anything):
    url = reverse("chat:configure_new", args=[workspace.slug])
    client = client_for(alice)
    for chosen, has_more in ((anything, True), (endpoint, False)):
        page = client.post(url, {"model": chosen.model_id}, headers={"HX-Request": "true"}).content.decode()
        assert ("data-record>" in page) is has_more
        assert ('data-opens="attach-address"' in page) is has_more
        assert f'data-model-name="{chosen.model.name}"' in page


def test_a_message_shows_what_was_sent_with_it(alice, client_for, workspace, conversation, prompt):
    photo = kept(workspace, alice, "meter.png", picture(), message=prompt)
    paper = kept(workspace, alice, "report.pdf", PDF, message=prompt, place=1)
    speech = kept(workspace, alice, "said.wav", wav(75), message=prompt, place=2)
    page = page_of(client_for(alice), conversation)

    url = reverse("chat:file", args=[photo.code])
    assert f'href="{url}" data-image-view' in page
    assert re.search(rf'<img src="{url}"\s+alt="meter.png"\s+width="6"\s+height="4"', page)
    assert f'href="{reverse("chat:file", args=[paper.code])}" download="report.pdf"' in page
    assert f'<audio controls preload="none" src="{reverse("chat:file", args=[speech.code])}"' in page
    assert "WAV · 1:15 · " in page


@pytest.mark.parametrize(("kind", "word"), [("image", "Image"), ("audio", "Audio")])
def test_a_file_at_an_address_is_a_link_and_not_loaded(
    alice, client_for, workspace, conversation, prompt, kind, word
):
    StoredFile.objects.create(
        workspace=workspace,
        uploader=alice,
        message=prompt,
        kind=kind,
        name="cat.png",
        address="https://example.org/a/cat.png",
    )
    page = page_of(client_for(alice), conversation)
    assert f"{word} at example.org" in page
    assert 'href="https://example.org/a/cat.png"' in page
    assert 'rel="noopener noreferrer nofollow"' in page
    assert 'src="https://example.org' not in page


def test_it_says_what_a_file_may_count(workspace, alice):
    counted = {
        "large.png": (picture(size=(1000, 750)), 1000),
        "said.wav": (wav(10), 320),
        "notes.txt": (b"word" * 100, 100),
    }
    for name, (content, tokens) in counted.items():
        assert attached(kept(workspace, alice, name, content)).tokens == tokens


def test_who_may_only_read_sees_them_and_cannot_edit(bob, client_for, workspace, alice, conversation, prompt):
    kept(workspace, alice, "meter.png", picture(), message=prompt)
    Membership.objects.update_or_create(user=bob, workspace=workspace, defaults={"role": Role.VIEWER})
    share_with_workspace(conversation, conversation.owner, Access.WRITE)
    page = page_of(client_for(bob), conversation)
    assert 'alt="meter.png"' in page
    assert "data-edit-files" not in page
    assert "data-upload-url" not in page


def test_the_name_of_a_file_is_text(alice, client_for, workspace, conversation, prompt):
    file = kept(workspace, alice, "meter.png", picture(), message=prompt)
    StoredFile.objects.filter(pk=file.pk).update(name='"><script>alert(1)</script>.png')
    page = page_of(client_for(alice), conversation)
    assert "<script>alert" not in page


def test_a_refusal_shows_again_what_can_still_be_sent(alice, client_for, workspace, anything):
    select_model(draft_of(Membership.objects.get(user=alice, workspace=workspace)), alice, anything, {})
    file = kept(workspace, alice, "meter.png", picture())
    response = client_for(alice).post(
        reverse("chat:start", args=[workspace.slug]),
        {"attachments": [str(file.code), str(uuid.uuid4())], "text": "Hello", "idempotency_key": "no key"},
        headers={"HX-Request": "true"},
    )
    assert response.status_code == 422
    page = response.content.decode()
    assert page.count("data-attachment ") == 1
    assert f'data-code="{file.code}"' in page


# --- After a reload ------------------------------------------------------------------------


def unsent(client, workspace, *codes) -> str:
    url = reverse("chat:unsent", args=[workspace.slug])
    return str(client.get(url, {"code": codes}).content.decode())


def test_a_reloaded_page_gets_its_chips_again(alice, client_for, workspace):
    first = kept(workspace, alice, "one.png", picture())
    second = kept(workspace, alice, "two.png", picture())
    page = unsent(client_for(alice), workspace, second.code, first.code)
    assert page.count("data-attachment ") == 2
    assert page.index("two.png") < page.index("one.png")


def test_what_was_sent_or_is_not_theirs_does_not_come_back(
    alice, bob, client_for, workspace, conversation, prompt
):
    sent = kept(workspace, alice, "sent.png", picture(), message=prompt)
    Membership.objects.update_or_create(user=bob, workspace=workspace, defaults={"role": Role.MEMBER})
    other = kept(workspace, bob, "other.png", picture())
    assert unsent(client_for(alice), workspace, sent.code, other.code, uuid.uuid4()).strip() == ""


@pytest.mark.parametrize("code", ["", "no code", "\0"])
def test_nonsense_gives_nothing(alice, client_for, workspace, code):
    response = client_for(alice).get(reverse("chat:unsent", args=[workspace.slug]), {"code": [code]})
    assert (response.status_code, response.content.strip()) == (200, b"")
