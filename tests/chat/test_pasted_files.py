"""Pictures, documents and recordings of pasted requests: kept as files, or named with the reason why not."""

from __future__ import annotations

import base64
import json
import os
import uuid
from typing import Any

import pytest
from django.urls import reverse

from chat import files
from chat.flows.build_request import Choice
from chat.flows.open_setup import open_setup
from chat.flows.preview_request import preview_request
from chat.flows.send_prompt import start_conversation
from chat.media import MediaRefused, examine
from chat.models import Conversation, Draft, Message, StoredFile
from chat.pages.code import code_of_preview
from chat.pages.pasting import understood
from chat.references import filled
from playground.catalogue.load_bundled import load_bundled
from playground.code.writing import WRITERS
from playground.models import Endpoint
from tests.media_files import MP3, PDF, picture, wav

pytestmark = pytest.mark.django_db

ADDRESS = "https://example.org/cat.png"
NOISE = picture("PNG", (60, 60), colour=(1, 2, 3))


@pytest.fixture
def membership(workspace, alice):
    return workspace.memberships.get(user=alice)


def data_url(content: bytes, media_type: str = "image/png") -> str:
    return f"data:{media_type};base64,{encoded(content)}"


def encoded(content: bytes) -> str:
    return base64.b64encode(content).decode()


def body(*parts: dict[str, Any], **more: Any) -> str:
    content = [*parts, {"type": "text", "text": "Look"}]
    return json.dumps({"model": "demo/senses", "messages": [{"role": "user", "content": content}], **more})


def image(url: str) -> dict[str, Any]:
    return {"type": "image_url", "image_url": {"url": url}}


def of_type(kind: str, **more: Any) -> dict[str, Any]:
    return {"type": kind, **more}


KEPT = {
    "a picture": (image(data_url(picture())), "image", "picture.png"),
    "a picture at an address": (image(ADDRESS), "image", "cat.png"),
    "an address without an object": (of_type("image_url", image_url=ADDRESS), "image", "cat.png"),
    "a picture of responses": (of_type("input_image", image_url=ADDRESS, detail="low"), "image", "cat.png"),
    "a block": (
        of_type("image", source=of_type("base64", media_type="image/png", data=encoded(picture()))),
        "image",
        "picture.png",
    ),
    "a block at an address": (of_type("image", source=of_type("url", url=ADDRESS)), "image", "cat.png"),
    "a document": (
        of_type("document", title="a.pdf", source=of_type("base64", media_type="x/y", data=encoded(PDF))),
        "file",
        "a.pdf",
    ),
    "a text": (of_type("document", source=of_type("text", data="Grüße")), "file", "file"),
    "a file": (
        of_type("file", file={"filename": "../b.pdf", "file_data": data_url(PDF, "application/pdf")}),
        "file",
        "b.pdf",
    ),
    "a file of bare base64": (of_type("file", file={"file_data": encoded(PDF)}), "file", "file.pdf"),
    "a file of responses": (
        of_type("input_file", filename="c.pdf", file_data=data_url(PDF, "application/pdf")),
        "file",
        "c.pdf",
    ),
    "a recording": (
        of_type("input_audio", input_audio={"data": encoded(wav()), "format": "wav"}),
        "audio",
        "recording.wav",
    ),
    "a recording of a data URL": (
        of_type("input_audio", input_audio={"data": data_url(MP3, "audio/mpeg")}),
        "audio",
        "recording.mp3",
    ),
    "a recording at an address": (
        of_type("input_audio", input_audio={"data": "https://example.org/a.mp3", "format": "mp3"}),
        "audio",
        "a.mp3",
    ),
    "an encoded text": (image("data:text/plain,a%20b"), "file", "picture"),
}


@pytest.mark.parametrize("case", KEPT)
def test_files_of_the_prompt_become_uploads(case, catalogue, alice, membership, client_for, workspace):
    part, kind, name = KEPT[case]
    client = client_for(alice)
    page = client.post(reverse("chat:paste", args=[workspace.slug]), {"paste": body(part)}).content.decode()
    assert f"<dt>Files</dt><dd><ul><li>{name}" in page
    assert "Left out" not in page
    assert not StoredFile.objects.exists()

    response = client.post(reverse("chat:open_paste", args=[workspace.slug]), {"paste": body(part)})
    file = StoredFile.objects.get()
    assert (file.kind, file.name, file.uploader, file.message) == (kind, name, alice, None)
    assert bool(file.address) == ("https" in json.dumps(part))
    page = client.get(response["HX-Redirect"]).content.decode()
    assert f'<input type="hidden" name="attachments" value="{file.code}">' in page
    assert Draft.objects.get().prompt_text == "Look"


REFUSED = {
    "damaged base64": (image("data:image/png;base64,ä"), "A picture: Its base64 is damaged."),
    "no data URL": (image("data:image/png"), "A picture: Its data URL is damaged."),
    "http": (image("http://example.org/a.png"), "A picture: The address must start with https://."),
    "a private address": (
        image("https://127.0.0.1/a.png"),
        "A picture: This address is not public. Attach the file itself.",
    ),
    "a script": (image("javascript:alert(1)"), "A picture: The address must start with https://."),
    "a video": (
        of_type("video_url", video_url={"url": "https://example.org/a.mp4"}),
        "A video: Videos cannot be attached here.",
    ),
    "a document at an address": (
        of_type("input_file", file_url="https://example.org/a.pdf"),
        "A file: Files cannot be attached by their address. Attach the file itself.",
    ),
    "a file of the provider's": (of_type("file", file={"file_id": "file-1"}), "1 file."),
    "a file of another person's code": (
        image("playground-file:photo.png"),
        "photo.png: The code reads this file. Attach it again.",
    ),
    "an unknown part": (of_type("hologram", data="x"), "1 part of the type “hologram”."),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_kept_is_named(case, catalogue, alice, bob, membership, workspace):
    files.keep(examine(picture(), "photo.png"), workspace, uploader=bob)
    part, sentence = REFUSED[case]
    found = understood(body(part), membership)
    assert (found.files, found.left_out) == ((), (sentence,))
    opened = open_setup(membership, found.setup)
    assert opened.uploads == ()
    assert StoredFile.objects.filter(uploader=alice).count() == 0


def test_files_of_earlier_messages_are_kept_with_them(catalogue, alice, membership):
    turns = [
        {"role": "user", "content": [image(data_url(picture())), image(ADDRESS)]},
        {"role": "assistant", "content": [{"type": "text", "text": "A cat."}, image(ADDRESS)]},
        {"role": "user", "content": [image(ADDRESS), {"type": "text", "text": "And this?"}]},
    ]
    found = understood(json.dumps({"model": "demo/senses", "messages": turns}), membership)
    assert found.files == ("picture.png, 75\xa0bytes", "cat.png at example.org")
    assert found.left_out == ("1 picture.",)
    opened = open_setup(membership, found.setup)
    assert opened.conversation is not None
    first, answer = Message.objects.order_by("pk")
    assert [(file.name, file.place) for file in first.files.all()] == [("picture.png", 0), ("cat.png", 1)]
    assert not answer.files.exists()
    assert [str(file.code) for file in StoredFile.objects.filter(message=None)] == list(
        map(str, opened.uploads)
    )


def test_too_many_files_are_named_and_too_many_unsent_ones_store_nothing(
    catalogue, alice, membership, settings, client_for, workspace
):
    settings.MAX_FILES_PER_MESSAGE = 1
    found = understood(body(image(ADDRESS), image(data_url(picture()))), membership)
    assert found.left_out == ("A picture: A prompt can have at most 1 file.",)
    settings.MAX_UNSENT_MB = 0
    before = stored_names(settings)
    paste = body(image(data_url(picture())))
    response = client_for(alice).post(reverse("chat:open_paste", args=[workspace.slug]), {"paste": paste})
    assert "You have too many unsent files." in response.content.decode()
    assert not StoredFile.objects.exists()
    assert not Draft.objects.exists()
    assert stored_names(settings) == before


def stored_names(settings) -> set[str]:
    location = settings.STORAGES["files"]["OPTIONS"]["location"]
    return {name for _, _, names in os.walk(location) for name in names}


def test_a_file_that_is_deleted_meanwhile_opens_nothing(catalogue, alice, membership, workspace):
    kept = files.keep(examine(picture(), "photo.png"), workspace, uploader=alice)
    found = understood(body(image("playground-file:photo.png")), membership)
    kept.delete()
    with pytest.raises(MediaRefused, match="deleted meanwhile"):
        open_setup(membership, found.setup)
    assert not Draft.objects.exists()


def test_a_file_that_is_used_again_has_its_own_row(
    catalogue, alice, membership, workspace, django_capture_on_commit_callbacks
):
    kept = files.keep(examine(picture(), "photo.png"), workspace, uploader=alice)
    opened = open_setup(membership, understood(body(image("playground-file:photo.png")), membership).setup)
    with django_capture_on_commit_callbacks(execute=True):
        kept.delete()
    again = StoredFile.objects.get(code=opened.uploads[0])
    assert files.read(again) == examine(picture(), "photo.png").content


def takers() -> list[Endpoint]:
    """Return an endpoint of each kind that takes pictures and PDFs."""
    load_bundled("aimlapi")
    found = []
    for kind, model in (
        ("chat/completions", "demo/senses"),
        ("responses", "gpt-4o"),
        ("messages", "anthropic/claude-sonnet-4"),
    ):
        endpoints = Endpoint.objects.filter(kind=kind, model__model_id=model)
        found.append(endpoints.select_related("model__provider").get())
    return found


@pytest.mark.parametrize("kind", ["chat/completions", "responses", "messages"])
def test_code_with_files_opens_the_same_setup(kind, catalogue, workspace, alice, membership):
    """The code of a second prompt, with files at both, gives the same request when it is pasted."""
    endpoint = next(each for each in takers() if each.kind == kind)
    choice = Choice(endpoint, {"max_tokens": 100} if kind == "messages" else {})
    small, large = picture(), picture("PNG", (900, 700), colour="blue", compress_level=0)
    uploads = [
        files.keep(examine(small, "dot.png"), workspace, uploader=alice).code,
        files.keep(examine(large, "my photo.png"), workspace, uploader=alice).code,
    ]
    run = start_conversation(workspace, alice, "Look", choice, uuid.uuid4(), uploads)
    Message.objects.filter(run=run).update(text="I see.")
    type(run).objects.filter(pk=run.pk).update(status="finished")
    conversation = Conversation.objects.get()
    second = [files.keep(examine(NOISE, "noise.png"), workspace, uploader=alice).code]
    preview = preview_request(conversation, alice, "And this?", choice, second)
    sent = sent_body(preview.request.body, preview.request.references, preview.files)
    for view in code_of_preview(preview, workspace, alice)["codes"]:
        code = "".join(text for _, text in view.pieces)
        found = understood(code, membership)
        assert found.left_out == (), view.name
        opened = open_setup(membership, found.setup)
        assert opened.conversation is not None
        opened.conversation.refresh_from_db()
        again = preview_request(
            opened.conversation, alice, opened.conversation.prompt_text, choice, opened.uploads
        )
        assert sent_body(again.request.body, again.request.references, again.files) == sent, view.name
    assert len(WRITERS) == len(code_of_preview(preview, workspace, alice)["codes"])


def sent_body(stored: dict[str, Any], references: Any, found: list[StoredFile]) -> dict[str, Any]:
    return filled(stored, references, {str(file.code): file for file in found})
