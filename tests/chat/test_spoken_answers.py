"""Spoken answers in later requests: by the provider's id while it has the sound, else by their words."""

from __future__ import annotations

import base64
import json
import time
import uuid
from typing import Any

import pytest
from django.utils.timezone import now

from accounts.models import ApiKey
from chat.exporting.as_json import as_json
from chat.flows.build_request import Choice, build_request
from chat.flows.edit_message import edit_message
from chat.flows.finish_run import Outcome, finish_run
from chat.flows.fork_conversation import fork_conversation
from chat.flows.preview_request import preview_request
from chat.flows.send_prompt import send_prompt, start_conversation
from chat.models import Message, Run
from chat.pages.inspector.request import request_context
from chat.references import filled
from playground.catalogue.bundled_models import bundled_models
from playground.catalogue.store_endpoints import store_endpoint
from playground.models import Endpoint, UpstreamModel
from playground.upstream.answer import Answer
from playground.upstream.reading import AnswerReader
from tests.media_files import wav
from tests.official_shapes import errors_of

pytestmark = pytest.mark.django_db

SPEAKER, OTHER = "gpt-4o-audio-preview", "gpt-4o-mini-audio-preview"
SENT = {"role": "assistant", "audio": {"id": "audio_abc"}}
WORDS = {"role": "assistant", "content": "Good evening."}
SOUND = base64.b64encode(wav(2)).decode()


def model_of(provider, model_id: str) -> Choice:
    [schema] = [each.schemas["chat/completions"] for each in bundled_models() if each.model_id == model_id]
    model = UpstreamModel.objects.create(provider=provider, model_id=model_id, name=model_id)
    store_endpoint(model, "chat/completions", schema, source="a test")
    return Choice(Endpoint.objects.select_related("model__provider").get(model=model), {})


@pytest.fixture
def speaker(endpoint) -> Choice:
    return model_of(endpoint.model.provider, SPEAKER)


def streamed(expires_at: int) -> Answer:
    """Return the answer of a stream as OpenAI documents it: first the id, then the sound, last its end."""
    pieces = [{"id": "audio_abc", "transcript": "Good "}, {"transcript": "evening."}, {"data": SOUND}]
    deltas: list[dict[str, Any]] = [{"audio": piece} for piece in (*pieces, {"expires_at": expires_at})]
    answer, reader = Answer(), AnswerReader("chat/completions", 200, {"content-type": "text/event-stream"})
    choices: list[dict[str, Any]] = [{"delta": each} for each in deltas]
    for choice in (*choices, {"delta": {}, "finish_reason": "stop"}):
        data = json.dumps({"id": "c", "model": "m", "choices": [{"index": 0, **choice}]})
        for event in reader.feed(f"data: {data}\n\n".encode()):
            answer.apply(event)
    return answer


@pytest.fixture
def spoken(workspace, alice, speaker):
    def make(seconds_left: int = 3600) -> Run:
        run = start_conversation(workspace, alice, "Say good evening", speaker, uuid.uuid4())
        outcome = Outcome(Run.Status.FINISHED, streamed(int(time.time()) + seconds_left))
        assert finish_run(run, outcome, fence=0)
        return Run.objects.get(pk=run.pk)

    return make


def sent_again(run: Run, asker, choice: Choice) -> dict[str, Any]:
    """Return the answer as it is sent with the next prompt."""
    thread = run.thread
    thread.refresh_from_db()
    body = preview_request(thread, asker, "And now?", choice).request.body
    assert errors_of("chat/completions", body) == []
    answer: dict[str, Any] = body["messages"][1]
    return answer


def test_the_next_request_names_the_sound(spoken, speaker, alice):
    run = spoken()
    assert sent_again(run, alice, speaker) == SENT
    following = send_prompt(run.thread, alice, "And now?", speaker, uuid.uuid4())
    assert following.body["messages"][1] == SENT
    # The estimate counts what the model hears again, and the inspector says what it is.
    [reference] = following.references
    assert (reference["path"], reference["tokens"]) == (["messages", 1, "audio", "id"], 64)
    assert filled(following.body, following.references, {}) == following.body
    assert request_context(following, None)["sent_files"][0].is_kept


def test_the_words_are_sent_once_the_sound_is_gone(spoken, speaker, alice):
    assert sent_again(spoken(seconds_left=30), alice, speaker) == WORDS


def test_other_models_are_sent_the_words(spoken, speaker, alice, endpoint):
    run = spoken()
    assert sent_again(run, alice, Choice(endpoint, {})) == WORDS
    assert sent_again(run, alice, model_of(endpoint.model.provider, OTHER)) == WORDS
    Run.objects.filter(pk=run.pk).update(provider_code="another provider")
    assert sent_again(run, alice, speaker) == WORDS


def key_of(workspace, provider, member=None, **more) -> ApiKey:
    return ApiKey.objects.create(
        workspace=workspace, provider_code=provider.code, member=member, token="x", last4="1234", **more
    )


@pytest.mark.parametrize(
    ("owners", "asker", "is_named"),
    [
        ([None], "bob", True),
        ([None, "bob"], "bob", False),
        ([None, "alice"], "bob", False),
        (["alice", "bob"], "alice", True),
        ([None, "ada"], "bob", True),
    ],
)
def test_only_the_account_that_asked_has_the_sound(
    spoken, speaker, workspace, endpoint, request, owners, asker, is_named
):
    before = now()
    for owner in owners:
        person = request.getfixturevalue(owner) if owner else None
        key_of(workspace, endpoint.model.provider, person, created_at=before)
    run = spoken()
    messages = list(Message.objects.filter(conversation=run.thread).order_by("pk"))
    body = build_request(speaker, workspace.pk, messages, asker=request.getfixturevalue(asker)).body
    assert body["messages"][1] == (SENT if is_named else WORDS)


def test_a_key_that_was_replaced_since_may_be_of_another_account(spoken, speaker, workspace, alice, endpoint):
    key = key_of(workspace, endpoint.model.provider)
    run = spoken()
    assert sent_again(run, alice, speaker) == SENT
    ApiKey.objects.filter(pk=key.pk).update(replaced_at=now())
    assert sent_again(run, alice, speaker) == WORDS


def test_copies_and_edited_answers_are_sent_as_words(spoken, speaker, alice):
    run = spoken()
    fork = fork_conversation(run.message, alice)
    body = preview_request(fork, alice, "And now?", speaker).request.body
    assert body["messages"][1] == WORDS
    edit_message(run.message, alice, "Good night.")
    assert sent_again(run, alice, speaker) == {"role": "assistant", "content": "Good night."}


def test_another_branch_copies_the_words(spoken, speaker, alice):
    run = spoken()
    edit_message(run.message.parent, alice, "Say it again")
    assert sent_again(run, alice, speaker) == WORDS


def test_an_export_leaves_the_id_out(spoken):
    document = "".join(as_json(spoken().thread))
    assert "Good evening." in document
    assert "audio_abc" not in document


@pytest.mark.parametrize(
    "audio", [{"id": 5, "expires_at": 9}, {"id": "x" * 201, "expires_at": 9}, {"id": "a"}]
)
def test_an_id_that_nobody_could_use_is_not_kept(audio):
    reader = AnswerReader("chat/completions", 200, {})
    message = {"role": "assistant", "content": None, "audio": {"transcript": "Hi", **audio}}
    body = {"id": "c", "choices": [{"index": 0, "finish_reason": "stop", "message": message}]}
    reader.feed(json.dumps(body).encode())
    answer = Answer()
    for event in reader.close():
        answer.apply(event)
    assert answer.data == {"transcript": "Hi"}
