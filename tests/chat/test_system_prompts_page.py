"""The system prompt above the first message, in a conversation and in a new chat."""

from __future__ import annotations

import uuid

import pytest
from django.urls import reverse

from chat.flows.build_request import Choice
from chat.flows.finish_run import Outcome, finish_run
from chat.flows.select_model import select_model
from chat.flows.send_prompt import send_prompt
from chat.flows.share_with_workspace import share_with_workspace
from chat.models import Access, Conversation, Draft, Run
from chat.sockets.news import news
from playground.models import Endpoint
from playground.upstream.answer import Answer
from playground.upstream.events import Finished, TextDelta

pytestmark = [pytest.mark.django_db]
HTMX = {"HX-Request": "true"}


@pytest.fixture
def page(client_for, alice, conversation):
    return lambda: client_for(alice).get(reverse("chat:conversation", args=[conversation.code]))


@pytest.fixture
def save(client_for, alice, conversation):
    def post(text: str, known: object = "", user=alice, **more):
        data = {"system_text": text, "known": str(known or ""), **more}
        return client_for(user).post(reverse("chat:system", args=[conversation.code]), data, headers=HTMX)

    return post


def current(conversation: Conversation) -> Conversation:
    return Conversation.objects.select_related("system_prompt").get(pk=conversation.pk)


def test_it_is_saved_shown_and_taken_away(page, save, conversation):
    assert "Add a system prompt" in page().content.decode()

    shown = save("  Be <b>brief</b>.\r\n").content.decode()

    assert "  Be &lt;b&gt;brief&lt;/b&gt;.\n</div>" in shown
    assert current(conversation).system_text == "  Be <b>brief</b>.\n"
    assert "no system prompt</span>" in page().content.decode()
    save("  ", known=current(conversation).system_prompt_id)
    assert current(conversation).system_prompt is None
    assert "None now, 1 earlier" in page().content.decode()


def test_an_answer_names_the_version_that_it_was_given(page, save, alice, conversation, endpoint):
    save("one")
    run = send_prompt(conversation, alice, "And?", Choice(endpoint, {}), uuid.uuid4())
    answer = Answer()
    for event in (TextDelta("Yes."), Finished("stop")):
        answer.apply(event)
    assert finish_run(run, Outcome(Run.Status.FINISHED, answer), fence=0)
    shown = page().content.decode().partition("<template data-system-marks")[0]
    assert "data-system-given" not in shown
    save("two", known=current(conversation).system_prompt_id)

    shown = page().content.decode().partition('class="thread"')[2]

    assert shown.count('data-system-given="1"') == 1
    assert shown.count("no system prompt</span>") == 1


def test_versions_are_looked_at_and_used_again(client_for, alice, save, conversation):
    for text in ("one", "two", "three"):
        save(text, known=current(conversation).system_prompt_id)
    url = reverse("chat:system", args=[conversation.code])
    client = client_for(alice)

    shown = client.get(url, {"number": "2"}).content.decode()
    assert "Version 2 of 3" in shown
    assert ">two</div>" in shown
    assert "Use this version" in shown
    assert client.get(url, {"number": "1", "plain": ""}).content.decode().strip().endswith("one</div>")
    for unknown in ("4", "99999999"):
        assert client.get(url, {"number": unknown}).status_code == 404
    save("", use="1")

    assert (current(conversation).system_text, conversation.system_prompts.count()) == ("one", 3)


def test_a_text_written_over_another_persons_change_is_kept_and_saved_next(save, alice, bob, conversation):
    share_with_workspace(conversation, alice, Access.WRITE)
    known = save("one") and current(conversation).system_prompt_id
    save("of Bob", known=known, user=bob)

    refused = save("of Alice", known=known)

    assert refused.status_code == 422
    shown = refused.content.decode()
    assert f"{bob.display_name} changed the system prompt while you were editing." in shown
    assert ">\nof Alice</textarea>" in shown
    assert current(conversation).system_text == "of Bob"
    newest = current(conversation).system_prompt_id
    assert f'name="known" value="{newest}"' in shown
    assert save("of Alice", known=newest).status_code == 200
    assert list(conversation.system_prompts.values_list("text", flat=True)) == ["one", "of Bob", "of Alice"]


def test_a_text_that_is_too_long_is_kept_in_the_box(save, conversation):
    refused = save("x" * 200_001)

    assert refused.status_code == 422
    assert "at most 200,000 characters" in refused.content.decode()
    assert "x" * 200_001 in refused.content.decode()
    assert not conversation.system_prompts.exists()
    assert save("x" * 200_000).status_code == 200


def test_readers_see_it_and_strangers_do_not(client_for, save, alice, bob, carol, conversation):
    save("Be brief.")
    share_with_workspace(conversation, alice, Access.READ)
    url = reverse("chat:system", args=[conversation.code])

    shown = client_for(bob).get(url).content.decode()

    assert "Be brief." in shown
    assert "<form" not in shown
    assert save("Be long.", user=bob).status_code == 403
    assert save("Be long.", user=carol).status_code == 404
    assert client_for(carol).get(url).status_code == 404
    assert client_for(alice).put(url).status_code == 405
    assert current(conversation).system_text == "Be brief."


def test_other_pages_get_it_and_pages_that_have_it_get_nothing(alice, save, conversation):
    assert conversation.head
    head = str(conversation.head.code)

    def told(known: str | None) -> str:
        return news(alice, conversation.code, head, [], conversation.title, None, known).html

    assert told("") == ""
    save("Be brief.")
    version = str(current(conversation).system_prompt_id)

    assert "Be brief." in told("")
    assert f'hx-swap-oob="outerHTML:#system-prompt-{conversation.code}"' in told("")
    assert told(version) == told(None) == ""


def test_a_new_chat_sends_what_its_page_shows_and_the_next_starts_clean(
    client_for, alice, workspace, endpoint
):
    select_model(Draft(user=alice, workspace=workspace), alice, endpoint, {})
    client = client_for(alice)
    kept = client.post(reverse("chat:keep_system", args=["acme"]), {"system_text": "Kept."}, headers=HTMX)
    assert ">Kept.</div>" in kept.content.decode()
    assert "Kept." in client.get(reverse("chat:new", args=["acme"])).content.decode()

    def send(**more: str) -> str:
        posted = {"text": "Hi", "idempotency_key": str(uuid.uuid4()), "endpoint": str(endpoint.pk), **more}
        assert client.post(reverse("chat:start", args=["acme"]), posted).status_code == 302
        return Run.objects.order_by("-pk")[0].thread.system_text

    assert send() == "Kept."
    assert Draft.objects.get().system_text == ""
    assert send(system_text="Shown.") == "Shown."
    assert send(system_text="") == ""
    assert "Kept." not in client.get(reverse("chat:new", args=["acme"])).content.decode()


@pytest.mark.parametrize("name", ["preview_new", "code_of_new", "link_of_new", "start_with_examples"])
def test_a_new_chat_that_a_link_has_opened_is_shown_with_its_own(
    client_for, alice, workspace, endpoint, name
):
    Draft.objects.create(user=alice, workspace=workspace, model=endpoint.model, system_text="Mine-as-kept")
    given = {"text": "Hi", "idempotency_key": str(uuid.uuid4()), "endpoint": str(endpoint.pk)}
    pair = {"prompt": "in", "answer": "out"}

    def shown(**posted: str) -> str:
        url = reverse(f"chat:{name}", args=[workspace.slug])
        answer = client_for(alice).post(url, {**given, **pair, **posted}, headers=HTMX)
        if "HX-Redirect" in answer.headers:
            answer = client_for(alice).get(answer.headers["HX-Redirect"])
        assert answer.status_code == 200
        return str(answer.content.decode()).partition("</main>")[0]

    assert "Mine-as-kept" in shown()
    assert "Of-the-link" in shown(system_text="Of-the-link")
    assert "Mine-as-kept" not in shown(system_text="")


def test_a_refusal_of_the_schema_is_shown_at_it(client_for, alice, save, conversation, endpoint):
    schema = {**endpoint.request_schema, "properties": {**endpoint.request_schema["properties"]}}
    short = {
        "type": "object",
        "properties": {"role": {"enum": ["system"]}, "content": {"type": "string", "maxLength": 5}},
    }
    others = {
        "type": "object",
        "properties": {"role": {"enum": ["user", "assistant"]}, "content": {"type": "string"}},
    }
    schema["properties"]["messages"] = {"type": "array", "items": {"oneOf": [short, others]}}
    Endpoint.objects.filter(pk=endpoint.pk).update(request_schema=schema, schema_digest="short")
    save("Be brief.")
    posted = {"text": "Hi", "idempotency_key": str(uuid.uuid4()), "endpoint": str(endpoint.pk)}

    refused = client_for(alice).post(reverse("chat:send", args=[conversation.code]), posted, headers=HTMX)

    assert refused.status_code == 422
    shown = refused.content.decode()
    assert f'<div id="system-error-{conversation.code}" hx-swap-oob="innerHTML">' in shown
    assert "This model refuses the system prompt" in shown
    assert ">\nHi</textarea>" in shown
    assert current(conversation).system_text == "Be brief."


def test_the_page_says_where_a_model_has_no_place_for_it(client_for, alice, page, endpoint, conversation):
    note = "This model has no place for a system prompt. It is sent in front of your first message."
    assert note not in page().content.decode()
    schema = {**endpoint.request_schema, "properties": {**endpoint.request_schema["properties"]}}
    schema["properties"]["messages"] = {
        "type": "array",
        "items": {
            "type": "object",
            "properties": {"role": {"enum": ["user", "assistant"]}, "content": {"type": "string"}},
        },
    }
    Endpoint.objects.filter(pk=endpoint.pk).update(request_schema=schema, schema_digest="nowhere")

    assert note in page().content.decode()
