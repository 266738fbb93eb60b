"""Pictures and sound of an answer: stored as files when the run ends, and deleted with it."""

from __future__ import annotations

import base64
import io
import struct
from html import unescape
from pathlib import Path

import pytest
from django.db import DataError, OperationalError
from django.db.backends.base.base import BaseDatabaseWrapper
from django.urls import reverse
from django.utils.timezone import now
from PIL import Image

from chat import files
from chat.flows.delete_conversation import delete_conversation
from chat.flows.finish_run import Outcome, finish_run
from chat.flows.purge_conversations import RESTORABLE_FOR, purge_conversations
from chat.models import Conversation, Message, Run, StoredFile
from chat.transcript import transcript_for
from playground.upstream.answer import Answer
from playground.upstream.dialects.shared.transcript import Text
from playground.upstream.events import AudioDelta, Event, Finished, ImageReceived, TextDelta

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("books_agree")]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch) -> Path:
    for name in ("base_location", "location"):
        monkeypatch.setitem(files.storage().__dict__, name, str(tmp_path))
    return tmp_path


def on_disk(folder: Path) -> int:
    return sum(path.is_file() for path in folder.rglob("*"))


def picture(form: str = "PNG") -> str:
    target = io.BytesIO()
    Image.new("RGB", (6, 4), "teal").save(target, form)
    return base64.b64encode(target.getvalue()).decode()


def spoken(content: bytes, words: str = "") -> AudioDelta:
    return AudioDelta(base64.b64encode(content).decode(), words)


def answer_of(*events: Event) -> Answer:
    answer = Answer()
    for event in events:
        answer.apply(event)
    return answer


@pytest.fixture
def ended(queued_run):
    def make(*events: Event) -> Message:
        outcome = Outcome(Run.Status.FINISHED, answer_of(*events, Finished("stop")))
        assert finish_run(queued_run, outcome, fence=0)
        return Message.objects.select_related("conversation").get(pk=queued_run.answer_id)

    return make


@pytest.fixture
def page_of(alice, client_for):
    def get(message: Message) -> str:
        url = reverse("chat:conversation", args=[message.conversation.code])
        return unescape(client_for(alice).get(url).content.decode())

    return get


@pytest.mark.parametrize("form", ["PNG", "JPEG", "WEBP"])
def test_a_picture_leaves_the_data_for_the_store(ended, page_of, alice, client_for, form):
    message = ended(TextDelta("Look"), ImageReceived(data=picture(form), media_type="image/png"))

    file = StoredFile.objects.get(message=message)
    assert message.data["images"] == [
        {"file": str(file.code), "media_type": f"image/{form.lower()}", "width": 6, "height": 4}
    ]
    assert (file.uploader, file.kind) == (None, "image")
    address = reverse("chat:file", args=[file.code])
    assert f'src="{address}"' in page_of(message)
    assert client_for(alice).get(address).headers["Content-Type"] == f"image/{form.lower()}"


def test_a_picture_that_cannot_be_decoded_is_kept_to_be_saved(ended, page_of):
    broken = base64.b64encode(b"\x89PNG\r\n\x1a\n" + b"x" * 50).decode()
    message = ended(ImageReceived(data=broken, media_type="image/png"))
    [image] = message.data["images"]
    assert image["is_unreadable"]
    assert files.read(StoredFile.objects.get()) == b"\x89PNG\r\n\x1a\n" + b"x" * 50
    html = page_of(message)
    assert "This picture cannot be shown here." in html
    assert f'src="{reverse("chat:file", args=[image["file"]])}' not in html


def test_a_picture_at_an_address_is_linked_and_never_loaded(ended, page_of):
    html = page_of(ended(ImageReceived(url="https://pictures.example/1.png")))
    assert 'href="https://pictures.example/1.png" rel="noopener noreferrer nofollow"' in html
    assert 'src="https://pictures' not in html
    assert not StoredFile.objects.exists()


def test_samples_without_a_header_are_given_one(queued_run, page_of):
    queued_run.parameters = {"audio": {"format": "pcm16", "voice": "ash"}}
    samples = struct.pack("<24000h", *([9] * 24_000))
    events = (spoken(samples[:1000], "Good "), spoken(samples[1000:], "day."), Finished("stop"))
    assert finish_run(queued_run, Outcome(Run.Status.FINISHED, answer_of(*events)), fence=0)

    message = Message.objects.select_related("conversation").get(pk=queued_run.answer_id)
    file = StoredFile.objects.get()
    assert message.data["audio"] == {"file": str(file.code), "media_type": "audio/wav", "seconds": 1.0}
    assert files.read(file)[:4] == b"RIFF" and files.read(file)[44:] == samples
    html = page_of(message)
    assert f'<audio controls preload="metadata" src="{reverse("chat:file", args=[file.code])}"' in html
    assert "Good day." in html


@pytest.mark.parametrize(
    ("content", "media_type"),
    [
        (b"OggS" + b"x" * 40, "audio/ogg"),
        (b"fLaC" + b"x" * 40, "audio/flac"),
        (b"\xff\xf1" + b"x" * 40, "audio/aac"),
        (b"no sound at all", "application/octet-stream"),
        (b"<script>alert(1)</script>", "application/octet-stream"),
    ],
)
def test_sound_is_what_its_bytes_are(ended, content, media_type):
    ended(spoken(content))
    assert StoredFile.objects.get().media_type == media_type


def test_who_comes_second_leaves_no_bytes(queued_run, folder):
    answer = answer_of(ImageReceived(data=picture(), media_type="image/png"), Finished("stop"))
    assert finish_run(queued_run, Outcome(Run.Status.FINISHED, answer), fence=0)
    before = on_disk(folder)
    assert before == 1
    assert not finish_run(queued_run, Outcome(Run.Status.STOPPED, answer), fence=0)
    assert (on_disk(folder), StoredFile.objects.count()) == (before, 1)


def test_what_loses_in_the_last_moment_leaves_no_bytes(queued_run, folder, monkeypatch):
    """The run ends elsewhere between the query and the update."""
    real = files.put

    def put(*given, **named):
        Run.objects.filter(pk=queued_run.pk).update(fence=7)
        return real(*given, **named)

    monkeypatch.setattr(files, "put", put)
    answer = answer_of(ImageReceived(data=picture(), media_type="image/png"))
    assert not finish_run(queued_run, Outcome(Run.Status.FINISHED, answer), fence=0)
    assert (on_disk(folder), StoredFile.objects.count()) == (0, 0)


@pytest.mark.django_db(transaction=True)
def test_a_commit_whose_answer_is_lost_costs_no_bytes(queued_run, folder, monkeypatch):
    commit = vars(BaseDatabaseWrapper)["_commit"]

    def answerless(self):
        commit(self)
        raise OperationalError("server closed the connection unexpectedly")

    answer = answer_of(ImageReceived(data=picture(), media_type="image/png"), Finished("stop"))
    with monkeypatch.context() as patched, pytest.raises(OperationalError):
        patched.setattr(BaseDatabaseWrapper, "_commit", answerless)
        finish_run(queued_run, Outcome(Run.Status.FINISHED, answer), fence=0)
    # The relay tries to end the run again, and learns that it has ended.
    assert not finish_run(queued_run, Outcome(Run.Status.FINISHED, answer), fence=0)
    (stored,) = StoredFile.objects.all()
    assert files.read(stored)


def test_what_the_database_refuses_leaves_no_bytes(queued_run, folder, monkeypatch):
    def refuse(*_, **__):
        raise DataError("a NUL")

    monkeypatch.setattr("chat.flows.finish_run.ledger.settle", refuse)
    answer = answer_of(ImageReceived(data=picture(), media_type="image/png"), Finished("stop"))
    with pytest.raises(DataError):
        finish_run(queued_run, Outcome(Run.Status.FINISHED, answer), fence=0)
    assert on_disk(folder) == 0


def test_a_full_disk_does_not_cost_the_words(ended, page_of, monkeypatch, caplog):
    def full(*_, **__):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(files, "put", full)
    message = ended(TextDelta("Look"), ImageReceived(data=picture(), media_type="image/png"))
    assert message.text == "Look"
    assert message.data == {"is_media_lost": True}
    assert "could not be stored" in page_of(message)


def test_the_bytes_go_with_the_conversation(ended, folder, django_capture_on_commit_callbacks):
    message = ended(ImageReceived(data=picture(), media_type="image/png"))
    with django_capture_on_commit_callbacks(execute=True):
        delete_conversation(message.conversation, message.conversation.owner)
        Conversation.with_deleted.update(deleted_at=now() - 2 * RESTORABLE_FOR)
        assert purge_conversations() == 1
    assert on_disk(folder) == 0


def test_what_a_model_drew_does_not_go_back(ended, endpoint):
    message = ended(TextDelta("Look"), ImageReceived(data=picture(), media_type="image/png"))
    [turn] = transcript_for(endpoint.model, [message], list(StoredFile.objects.all()))
    assert turn.parts == (Text("Look"),)


def test_a_stranger_does_not_get_it(ended, carol, client_for):
    ended(ImageReceived(data=picture(), media_type="image/png"))
    address = reverse("chat:file", args=[StoredFile.objects.get().code])
    assert client_for(carol).get(address).status_code == 404
