"""Files of a prompt: how they are stored and sent, and the estimate of their cost."""

from __future__ import annotations

import asyncio
import base64
import json
import os
import uuid
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.urls import reverse
from django.utils.timezone import now

from accounts.models import Hold, LedgerEntry
from chat import files
from chat.exceptions import AttachmentGone, IdempotencyConflict
from chat.flows.build_request import Choice
from chat.flows.edit_prompt import edit_prompt
from chat.flows.finish_run import Outcome, finish_run
from chat.flows.regenerate_answer import regenerate_answer
from chat.flows.send_prompt import send_prompt, start_conversation
from chat.flows.sweep_files import sweep_files, sweep_orphans
from chat.live.database_threads import close_connections
from chat.media import examine
from chat.models import Exchange, Message, Run, StoredFile
from chat.references import encoded, files_of, filled
from chat.relays import background
from playground.models import Endpoint
from playground.upstream.answer import Answer
from playground.upstream.dialects import TranscriptRefused
from playground.upstream.events import Finished, TextDelta
from playground.whole_files import DRAFT
from tests.media_files import MP3, PDF, picture, wav

pytestmark = pytest.mark.django_db

HTMX = {"HX-Request": "true"}


def choice_of(model_id: str, kind: str = "chat/completions", **parameters: Any) -> Choice:
    endpoints = Endpoint.objects.select_related("model__provider")
    return Choice(endpoints.get(model__model_id=model_id, kind=kind), parameters)


@pytest.fixture
def senses(catalogue) -> Choice:
    return choice_of("demo/senses")


@pytest.fixture
def plain(catalogue) -> Choice:
    return choice_of("demo/plain")


@pytest.fixture
def kept(workspace, alice):
    def keep(content: bytes, name: str, uploader=alice) -> StoredFile:
        return files.keep(examine(content, name), workspace, uploader=uploader)

    return keep


@pytest.fixture
def sent(workspace, alice):
    """The first prompt of a new conversation, with files."""

    def send(choice: Choice, *attached: StoredFile, text: str = "Look", key: uuid.UUID | None = None) -> Run:
        codes = [file.code for file in attached]
        return start_conversation(workspace, alice, text, choice, key or uuid.uuid4(), codes)

    return send


def prompt_of(run: Run) -> Message:
    assert run.message.parent is not None
    return run.message.parent


def end(run: Run) -> None:
    """End the live run of a conversation, as if it had been answered."""
    Message.objects.filter(run=run).update(text="I see.")
    Run.objects.filter(pk=run.pk).update(status=Run.Status.FINISHED)
    run.thread.refresh_from_db()


def data_url(content: bytes, media_type: str) -> str:
    return f"data:{media_type};base64,{base64.b64encode(content).decode()}"


# --- What is stored ------------------------------------------------------------------------


def test_files_stand_before_the_words_and_the_body_names_them(senses, sent, kept):
    image, pdf, sound = kept(picture(), "cat.png"), kept(PDF, "paper.pdf"), kept(wav(2), "voice.wav")
    run = sent(senses, image, pdf, sound)

    assert run.body["messages"] == [
        {
            "role": "user",
            "content": [
                {"type": "image_url", "image_url": {"url": f"playground-file:{image.code}"}},
                {
                    "type": "file",
                    "file": {"filename": "paper.pdf", "file_data": f"playground-file:{pdf.code}"},
                },
                {
                    "type": "input_audio",
                    "input_audio": {"data": f"playground-file:{sound.code}", "format": "wav"},
                },
                {"type": "text", "text": "Look"},
            ],
        }
    ]
    assert "base64" not in json.dumps(run.body)
    prompt = run.answer.parent
    assert [file.name for file in prompt.files.all()] == ["cat.png", "paper.pdf", "voice.wav"]


def test_the_request_is_the_body_with_the_bytes_in_their_places(senses, sent, kept):
    image, sound = kept(picture(), "cat.png"), kept(MP3, "song.mp3")
    run = Run.objects.get(pk=sent(senses, image, sound).pk)
    before = json.dumps(run.body)
    whole = filled(run.body, run.references, files_of(run))

    content = whole["messages"][0]["content"]
    assert content[0]["image_url"]["url"] == data_url(files.read(image), "image/png")
    assert content[1]["input_audio"] == {"data": base64.b64encode(MP3).decode(), "format": "mp3"}
    assert json.loads(encoded(run.body, run.references, files_of(run))) == whole
    assert json.dumps(run.body) == before


def test_a_prompt_may_say_what_a_reference_says(senses, sent, kept):
    image = kept(picture(), "cat.png")
    words = f"playground-file:{image.code}"
    run = sent(senses, image, text=words)
    whole = filled(run.body, run.references, files_of(run))
    assert whole["messages"][0]["content"][1] == {"type": "text", "text": words}
    assert len(run.references) == 1


def test_texts_go_as_text_to_any_model(plain, sent, kept):
    run = sent(plain, kept("Größe ```x```".encode(), "notes.md"))
    assert run.body["messages"] == [
        {"role": "user", "content": "notes.md:\n\n````\nGröße ```x```\n````\n\nLook"},
    ]
    assert run.references == []


def test_a_picture_at_an_address_goes_as_the_address(senses, sent, workspace, alice):
    file = StoredFile.objects.create(
        workspace=workspace, uploader=alice, kind="image", name="cat", address="https://example.org/cat.png"
    )
    run = sent(senses, file)
    assert run.body["messages"][0]["content"][0]["image_url"] == {"url": "https://example.org/cat.png"}
    assert filled(run.body, run.references, {}) == run.body


def test_the_same_click_twice_is_one_prompt(senses, sent, kept):
    image, key = kept(picture(), "cat.png"), uuid.uuid4()
    assert sent(senses, image, key=key) == sent(senses, image, key=key)
    assert Message.objects.filter(role="user").count() == 1


def test_the_same_click_with_other_files_is_refused(senses, sent, kept):
    key = uuid.uuid4()
    sent(senses, kept(picture(), "cat.png"), key=key)
    with pytest.raises(IdempotencyConflict):
        sent(senses, kept(picture(), "dog.png"), key=key)
    assert Message.objects.filter(role="user").count() == 1


def test_what_a_model_made_is_not_put_into_its_mouth(senses, sent, kept, alice):
    run = sent(senses)
    end(run)
    made = kept(b"raw data of a picture", "picture.txt")
    StoredFile.objects.filter(pk=made.pk).update(message=run.answer, uploader=None)
    then = send_prompt(run.conversation, alice, "And now?", senses, uuid.uuid4())
    assert [message["content"] for message in then.body["messages"]] == ["Look", "I see.", "And now?"]


def test_an_upload_goes_into_one_message_only(senses, sent, kept):
    image = kept(picture(), "cat.png")
    sent(senses, image)
    with pytest.raises(AttachmentGone):
        sent(senses, image, text="Again")
    assert Message.objects.filter(role="user").count() == 1


def test_a_colleagues_upload_cannot_be_sent(senses, sent, kept, bob):
    with pytest.raises(AttachmentGone):
        sent(senses, kept(picture(), "cat.png", bob))


def test_nor_one_from_another_workspace(senses, sent, alice, carol):
    elsewhere = carol.memberships.get().workspace
    theirs = files.keep(examine(picture(), "cat.png"), elsewhere, uploader=alice)
    with pytest.raises(AttachmentGone):
        sent(senses, theirs)


def test_what_the_model_has_no_place_for_is_refused_before_anything_is_stored(plain, sent, kept):
    image = kept(picture(), "cat.png")
    with pytest.raises(TranscriptRefused, match="This model accepts no images"):
        sent(plain, image)
    image.refresh_from_db()
    assert image.message is None
    assert not Message.objects.exists()
    assert not Hold.objects.exists()


def test_what_an_earlier_prompt_had_is_left_out_with_a_line(senses, plain, sent, kept, alice):
    run = sent(senses, kept(picture(), "cat.png"))
    end(run)
    then = send_prompt(run.conversation, alice, "And now?", plain, uuid.uuid4())
    assert then.body["messages"][0] == {"role": "user", "content": "[cat.png was attached here.]\n\nLook"}
    assert then.references == []


def test_an_earlier_prompts_files_go_along_where_they_can(senses, sent, kept, alice):
    run = sent(senses, image := kept(picture(), "cat.png"))
    end(run)
    then = send_prompt(run.conversation, alice, "And now?", senses, uuid.uuid4())
    assert [reference["file"] for reference in then.references] == [str(image.code)]


def test_another_wording_keeps_the_files(senses, sent, kept, alice, django_capture_on_commit_callbacks):
    image = kept(picture(), "cat.png")
    run = sent(senses, image)
    end(run)
    prompt = prompt_of(run)
    worded = prompt_of(edit_prompt(prompt, alice, "Look again", senses, uuid.uuid4()))

    [copy] = worded.files.all()
    assert (copy.name, files.read(copy)) == ("cat.png", files.read(image))
    assert copy.code != image.code
    with django_capture_on_commit_callbacks(execute=True):
        prompt.delete()
    assert files.read(copy)


def test_or_those_that_are_named_and_new_ones(senses, sent, kept, alice):
    first, second = kept(picture(), "first.png"), kept(picture(), "second.png")
    run = sent(senses, first, second)
    end(run)
    new = kept(picture(), "new.png")
    again = edit_prompt(run.answer.parent, alice, "Look again", senses, uuid.uuid4(), [new.code, second.code])
    assert [file.name for file in prompt_of(again).files.all()] == ["new.png", "second.png"]


def test_another_answer_is_asked_for_with_the_same_files(senses, sent, kept, alice):
    run = sent(senses, kept(picture(), "cat.png"))
    end(run)
    again = regenerate_answer(Message.objects.get(pk=run.answer_id), alice, senses, uuid.uuid4())
    assert again.body["messages"] == run.body["messages"]


def test_more_than_a_request_may_hold_is_refused(senses, sent, kept, monkeypatch):
    monkeypatch.setattr("chat.flows.build_request.MAX_REQUEST_MB", 0)
    with pytest.raises(TranscriptRefused, match="A request can have at most 0 MB"):
        sent(senses, kept(picture(), "cat.png"))


# --- What it may cost ----------------------------------------------------------------------


def held_for(run: Run) -> int:
    return Hold.objects.get(run_code=run.code).tokens


def test_bytes_are_not_counted_as_words(senses, sent, kept):
    words = held_for(sent(senses))
    content = b"%PDF-1.7" + bytes(1_000_000)
    with_pdf = held_for(sent(senses, kept(content, "paper.pdf"))) - words
    # The estimate is 50,000 by size plus a margin; as text it would be a third of a million.
    assert 50_000 <= with_pdf <= 60_000
    with_sound = held_for(sent(senses, kept(wav(10), "voice.wav"))) - words
    assert 320 <= with_sound <= 420
    small = held_for(sent(senses, kept(picture(size=(75, 10)), "dot.png"))) - words
    assert 0 < small < 60


def test_nor_where_nobody_says_what_it_cost(senses, sent, kept):
    run = sent(senses, kept(PDF, "paper.pdf"))
    answer = Answer()
    for event in (TextDelta("I see."), Finished("stop")):
        answer.apply(event)
    assert finish_run(run, Outcome(Run.Status.FINISHED, answer), fence=0)
    assert 2500 < LedgerEntry.objects.get(run_code=run.code).input_tokens < 2600


# --- The pages -----------------------------------------------------------------------------


@pytest.fixture
def started(monkeypatch) -> list[Run]:
    handed: list[Run] = []
    monkeypatch.setattr(background, "start", handed.append)
    return handed


def click(choice: Choice, text: str = "Look", **fields: Any) -> dict[str, Any]:
    key = str(uuid.uuid4())
    return {"text": text, "idempotency_key": key, "endpoint": str(choice.endpoint.pk), **fields}


def test_a_picture_may_need_no_words(alice, client_for, workspace, senses, kept, started):
    image = kept(picture(), "cat.png")
    url = reverse("chat:start", args=[workspace.slug])
    response = client_for(alice).post(url, click(senses, "", attachments=[image.code]), headers=HTMX)
    assert response.status_code == 200
    [run] = started
    assert run.conversation.title == "cat.png"
    assert len(run.body["messages"][0]["content"]) == 1


def test_a_refusal_keeps_what_was_attached(alice, client_for, workspace, plain, kept, started):
    image = kept(picture(), "cat.png")
    url = reverse("chat:start", args=[workspace.slug])
    response = client_for(alice).post(url, click(plain, attachments=[image.code]), headers=HTMX)
    assert response.status_code == 422
    assert "This model accepts no images" in response.content.decode()
    assert [shown.code for shown in response.context["attachments"]] == [image.code]
    assert started == []


@pytest.mark.parametrize(
    ("codes", "words"),
    [
        (["nonsense"], "was not found"),
        ([str(uuid.uuid4())], "no longer available"),
        ([str(uuid.uuid4()) for _ in range(11)], "at most 10 files"),
        ([str(uuid.uuid4()) for _ in range(2000)], "at most 10 files"),
    ],
)
def test_what_cannot_be_attached_is_said(alice, client_for, workspace, senses, started, codes, words):
    url = reverse("chat:start", args=[workspace.slug])
    response = client_for(alice).post(url, click(senses, attachments=codes), headers=HTMX)
    assert response.status_code == 422
    assert words in response.content.decode()
    assert started == []


@pytest.mark.parametrize(
    ("fields", "names"),
    [
        ({}, ["cat.png"]),
        ({"attachments": [""]}, []),
        ({"attachments": ["", "own"]}, ["cat.png"]),
    ],
)
def test_an_edit_says_which_files_stay(alice, client_for, senses, sent, kept, started, fields, names):
    image = kept(picture(), "cat.png")
    run = sent(senses, image)
    end(run)
    if "attachments" in fields:
        fields = {
            "attachments": [str(image.code) if code == "own" else code for code in fields["attachments"]]
        }
    url = reverse("chat:edit", args=[run.answer.parent.code])
    response = client_for(alice).post(url, click(senses, "Look again", **fields), headers=HTMX)
    assert response.status_code == 200
    assert [file.name for file in started[0].answer.parent.files.all()] == names


def test_an_edit_without_words_keeps_a_prompt_with_files(alice, client_for, senses, sent, kept, started):
    run = sent(senses, kept(picture(), "cat.png"))
    end(run)
    url = reverse("chat:edit", args=[run.answer.parent.code])
    assert client_for(alice).post(url, click(senses, ""), headers=HTMX).status_code == 200
    end(started[0])
    without = click(senses, "", attachments=[""])
    assert client_for(alice).post(url, without, headers=HTMX).status_code == 422


# --- Sweeping ------------------------------------------------------------------------------


def test_what_is_never_sent_is_swept_up(senses, sent, kept, django_capture_on_commit_callbacks):
    old, new = kept(PDF, "old.pdf"), kept(PDF, "new.pdf")
    was_sent = kept(PDF, "sent.pdf")
    sent(senses, was_sent)
    StoredFile.objects.exclude(pk=new.pk).update(created_at=now() - timedelta(hours=25))
    with django_capture_on_commit_callbacks(execute=True):
        assert sweep_files() == 1
    assert [files.storage().exists(file.path) for file in (old, new, was_sent)] == [False, True, True]
    assert sweep_files() == 0


def test_bytes_that_no_row_names_are_swept_up(kept):
    known, lost, young = kept(PDF, "a.pdf"), kept(PDF, "b.pdf"), kept(PDF, "c.pdf")
    StoredFile.objects.filter(pk__in=[lost.pk, young.pk])._raw_delete("default")
    for file in (known, lost):
        os.utime(files.storage().path(file.path), (0, 0))
    swept = sum(sweep_orphans(shard) for shard in {file.path[:2] for file in (known, lost, young)})
    assert swept == 1
    assert [files.storage().exists(file.path) for file in (known, lost, young)] == [True, False, True]


def test_a_file_whose_writer_died_is_swept_up(kept):
    file = kept(PDF, "a.pdf")
    storage = files.storage()
    for age, name in ((0, "old"), (2**31, "young")):
        path = f"{storage.path(file.path)}.{name}{DRAFT}"
        Path(path).write_bytes(b"%PDF")
        os.utime(path, (age, age))

    assert sweep_orphans(file.path[:2]) == 1

    assert [storage.exists(f"{file.path}{end}") for end in ("", f".old{DRAFT}", f".young{DRAFT}")] == [
        True,
        False,
        True,
    ]


@pytest.mark.django_db(transaction=True)
async def test_the_server_sweeps_by_itself(kept):
    old = await sync_to_async(kept)(PDF, "old.pdf")
    await StoredFile.objects.aupdate(created_at=now() - timedelta(hours=25))
    supervisor = background.attach(asyncio.get_running_loop())
    try:
        async with asyncio.timeout(60):
            while await sync_to_async(files.storage().exists)(old.path):  # noqa: ASYNC110
                await asyncio.sleep(0.02)
    finally:
        await supervisor.drain()
        await asyncio.to_thread(close_connections)


# --- On the wire ---------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
async def test_the_provider_gets_the_very_bytes(relays, demo, workspace, alice, senses, kept, books_agree):
    image = await sync_to_async(kept)(picture("JPEG", size=(64, 48)), "cat.jpg")
    sound = await sync_to_async(kept)(wav(1.5), "voice.wav")
    run = await sync_to_async(start_conversation)(
        workspace, alice, "Look and listen", senses, uuid.uuid4(), [image.code, sound.code]
    )
    background.start(run)
    async with asyncio.timeout(60):
        await asyncio.sleep(0)
        await asyncio.gather(*relays.tasks())

    content = demo.requests[-1].body["messages"][0]["content"]
    assert content[0]["image_url"]["url"] == data_url(files.read(image), "image/jpeg")
    assert base64.b64decode(content[1]["input_audio"]["data"]) == wav(1.5)
    run = await Run.objects.select_related("answer").aget(pk=run.pk)
    assert "base64" not in json.dumps(run.body)
    # The sent request can be built again from the stored body and files.
    exchange = await Exchange.objects.aget(run=run)
    again = encoded(run.body, run.references, await sync_to_async(files_of)(run))
    assert (exchange.body_digest, exchange.body_size) == (sha256(again).hexdigest(), len(again))
    assert "A picture as JPEG, 64 × 48 pixels" in run.message.text
    assert "A recording as wav of 1.5 seconds" in run.message.text


@pytest.mark.django_db(transaction=True)
async def test_a_file_that_is_lost_is_said_and_costs_nothing(
    relays, demo, workspace, alice, senses, kept, books_agree
):
    image = await sync_to_async(kept)(picture(), "cat.png")
    run = await sync_to_async(start_conversation)(
        workspace, alice, "Look", senses, uuid.uuid4(), [image.code]
    )
    await sync_to_async(files.remove)(image)
    background.start(run)
    async with asyncio.timeout(60):
        await asyncio.sleep(0)
        await asyncio.gather(*relays.tasks())
    await run.arefresh_from_db()
    assert run.error is not None
    assert (run.status, run.error["kind"]) == (Run.Status.FAILED, "not_found")
    assert "not on this server any more" in run.error["message"]
    assert not demo.requests
