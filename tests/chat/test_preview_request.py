"""The request that a prompt would send, built without sending it."""

from __future__ import annotations

import uuid

import pytest

from accounts.flows.save_key import save_key
from accounts.models import Hold
from chat import files
from chat.exceptions import AnswerPending, AttachmentGone
from chat.flows.build_request import Choice
from chat.flows.preview_request import preview_request
from chat.flows.send_prompt import send_prompt, start_conversation
from chat.media import examine
from chat.models import Conversation, Draft, Message, Run
from playground.models import Endpoint
from playground.parameters.form.body import BodyInvalid
from playground.upstream.dialects.registry import endpoint_kinds
from tests.media_files import picture

pytestmark = pytest.mark.django_db


@pytest.fixture
def draft(workspace, alice) -> Draft:
    return Draft(workspace=workspace, user=alice)


@pytest.fixture
def upload(workspace, alice):
    def keep(content: bytes, name: str, uploader=alice):
        return files.keep(examine(content, name), workspace, uploader=uploader)

    return keep


def endpoint_of(model_id: str, kind: str = "chat/completions") -> Endpoint:
    return Endpoint.objects.select_related("model__provider").get(model__model_id=model_id, kind=kind)


def tokens_held_for(run: Run) -> int:
    return Hold.objects.get(run_code=run.code).tokens


@pytest.mark.parametrize("kind", sorted(endpoint_kinds()))
def test_it_is_what_a_first_prompt_sends(workspace, alice, draft, catalogue, kind):
    endpoint = Endpoint.objects.select_related("model__provider").filter(
        kind=kind, model__provider__code="demo"
    )
    choice = Choice(endpoint.earliest("pk"), {"temperature": 0.5})
    shown = preview_request(draft, alice, "Hi <b>", choice)
    run = start_conversation(workspace, alice, "Hi <b>", choice, uuid.uuid4())

    assert shown.request.body == run.body
    assert shown.url.endswith(f"/v1/{kind}")
    assert shown.estimate.input_tokens + shown.estimate.first_tokens == tokens_held_for(run)


def test_it_continues_a_conversation_with_files_in_their_order(conversation, alice, catalogue, upload):
    first, second = upload(picture(), "first.png"), upload(picture(size=(9, 9)), "second.png")
    codes = [second.code, first.code]
    choice = Choice(endpoint_of("demo/senses"), {})
    shown = preview_request(conversation, alice, "Look", choice, codes)
    run = send_prompt(conversation, alice, "Look", choice, uuid.uuid4(), codes)

    assert shown.request.body == run.body
    assert len(run.body["messages"]) == 3
    assert shown.request.references == run.references
    assert {file.name for file in shown.files} == {"first.png", "second.png"}
    assert shown.estimate.input_tokens + shown.estimate.first_tokens == tokens_held_for(run)


def test_nothing_is_stored(draft, alice, endpoint):
    preview_request(draft, alice, "Hi", Choice(endpoint, {"temperature": 0.5}))

    assert not Conversation.objects.exists()
    assert not Message.objects.exists()
    assert not Run.objects.exists()
    assert not Hold.objects.exists()
    assert not Draft.objects.exists()


def test_refusals_are_those_of_a_prompt(queued_run, conversation, alice, bob, endpoint, upload):
    choice = Choice(endpoint, {})
    theirs = upload(picture(), "theirs.png", uploader=bob)
    for codes in ([theirs.code], [uuid.uuid4()]):
        with pytest.raises(AttachmentGone):
            preview_request(conversation, alice, "Look", choice, codes)
    with pytest.raises(BodyInvalid):
        preview_request(conversation, alice, "Hi", Choice(endpoint, {"temperature": "hot"}))
    Run.objects.filter(pk=queued_run.pk).update(status=Run.Status.RUNNING)
    with pytest.raises(AnswerPending):
        preview_request(conversation, alice, "Hi", choice)


def test_the_headers_have_no_key(conversation, alice, workspace, endpoint):
    secret = "sk-a-long-secret-key-7731"
    save_key(workspace, endpoint.model.provider.code, secret, member=alice, actor=alice)
    shown = preview_request(conversation, alice, "Hi", Choice(endpoint, {}))

    assert shown.headers["Authorization"] == "Bearer …7731"
    assert shown.headers["Content-Type"] == "application/json"
    assert secret not in repr(shown)
