from __future__ import annotations

import re
import uuid
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils.timezone import now

from accounts.models import Hold, LedgerEntry, Limit
from chat.models import Access, Conversation, Draft, Message, Placement, Run
from chat.relays import background
from chat.views.sending import show_run, show_sent
from playground import pricing
from playground.catalogue.load_bundled import load_bundled
from playground.models import Endpoint
from playground.parameters.schema.request_schema import digest_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("books_agree")]

HTMX = {"HX-Request": "true"}


@pytest.fixture(autouse=True)
def started(monkeypatch) -> list[Run]:
    """Runs that the view handed to the supervisor; none of them is relayed here."""
    handed: list[Run] = []
    monkeypatch.setattr(background, "start", handed.append)
    return handed


def prompt(text: str = "Tell me more", **fields: str) -> dict[str, str]:
    return {"text": text, "idempotency_key": str(uuid.uuid4()), **fields}


@pytest.fixture
def url(conversation) -> str:
    return reverse("chat:send", args=[conversation.code])


def test_it_stores_the_prompt_and_starts_a_run(alice, client_for, conversation, url, started):
    response = client_for(alice).post(url, prompt(**{"p.temperature": "0.3"}), headers=HTMX)

    assert response.status_code == 200
    [run] = started
    assert run.answer.parent.text == "Tell me more"
    assert run.body["temperature"] == 0.3
    assert [message["content"] for message in run.body["messages"]] == [
        "Say hello",
        "Hello **there**.",
        "Tell me more",
    ]
    conversation.refresh_from_db()
    assert conversation.head == run.answer


def _shown(response) -> str:
    """Return the HTML of an answer without what differs each time."""
    return re.sub(
        r'name="(idempotency_key|csrfmiddlewaretoken)" value="[^"]+"', "", response.content.decode()
    )


@pytest.mark.parametrize("fields", [{"p.temperature": "0.3"}, {}])
def test_the_answer_is_that_of_what_is_stored(
    alice, client_for, conversation, endpoint, url, workspace, monkeypatch, fields
):
    # The request does not read again what it has stored itself.
    Conversation.objects.filter(pk=conversation.pk).update(prompt_text="typed", endpoint_kind=endpoint.kind)
    Limit.objects.create(workspace=workspace, unit="credits", period="day", amount=10**9)
    compared = []

    def show_both(request, grant, composer, run, known):
        quick = show_run(request, grant, composer, run, known)
        compared.append((_shown(quick), _shown(show_sent(request, conversation.code, known))))
        return quick

    monkeypatch.setattr("chat.views.conversations.show_run", show_both)
    response = client_for(alice).post(url, prompt(endpoint=str(endpoint.pk), **fields), headers=HTMX)
    [(quick, anew)] = compared
    assert quick == anew == _shown(response) and "Tell me more" in quick and "data-run=" in quick


@pytest.mark.parametrize(
    ("live", "days_ago", "place", "brings_list"),
    [
        ("first", 0, "", False),
        ("open", 0, "", True),
        # It moves from among those of another day.
        ("first", 2, "", True),
        ("first", 2, Placement.Place.PINNED, False),
    ],
)
def test_a_page_with_an_open_socket_gets_the_composer_and_its_row_of_the_list(
    alice, client_for, conversation, url, started, live, days_ago, place, brings_list
):
    if place:
        Placement.objects.create(user=alice, conversation=conversation, place=place)
    Conversation.objects.filter(pk=conversation.pk).update(updated_at=now() - timedelta(days=days_ago))

    html = client_for(alice).post(url, prompt(), headers={**HTMX, "X-Live": live}).content.decode()

    [run] = started
    assert f'data-stop="{run.code}"' in html and 'name="idempotency_key"' in html
    assert "Tell me more" not in html and f"message-{run.answer.code}" not in html
    assert ('id="sidebar-list"' in html) is brings_list
    row = re.search(rf'<a class="sidebar-row" id="row-{conversation.code}".*?</a>', html, re.DOTALL)
    assert row and 'aria-current="page"' in row[0] and "live-dot" in row[0] and conversation.title in row[0]
    assert ("hx-swap-oob" in row[0]) is not brings_list


def test_the_body_holds_the_touched_parameters_and_nothing_else(alice, client_for, url, started):
    client_for(alice).post(url, prompt(**{"p.temperature": "0.3", "p.max_tokens": "64"}), headers=HTMX)

    own = {"model", "messages", "stream", "stream_options"}
    assert {name: value for name, value in started[0].body.items() if name not in own} == {
        "temperature": 0.3,
        "max_tokens": 64,
    }


def test_a_browser_without_scripts_keeps_the_parameters(
    alice, client_for, conversation, endpoint, url, started
):
    conversation.store(conversation.take(endpoint, {"temperature": 0.3}))

    client_for(alice).post(url, prompt())

    assert started[0].body["temperature"] == 0.3
    conversation.refresh_from_db()
    assert conversation.parameters == {"temperature": 0.3}


def test_a_page_of_an_earlier_version_is_loaded_again(alice, client_for, url, started):
    response = client_for(alice).post(url, prompt(), headers={**HTMX, "HX-Target": "composer"})

    assert response["HX-Refresh"] == "true"
    assert len(started) == 1


def test_the_same_click_twice_is_one_run(alice, client_for, url, started):
    click = prompt()
    client_for(alice).post(url, click, headers=HTMX)
    client_for(alice).post(url, click, headers=HTMX)

    assert Run.objects.filter(idempotency_key=click["idempotency_key"]).count() == 1
    assert {run.pk for run in started} == {Run.objects.get(idempotency_key=click["idempotency_key"]).pk}


def test_the_same_key_for_another_prompt_is_refused(alice, client_for, url):
    click = prompt()
    client_for(alice).post(url, click, headers=HTMX)
    response = client_for(alice).post(url, {**click, "text": "Something else"}, headers=HTMX)

    assert response.status_code == 422
    assert Message.objects.filter(text="Something else").count() == 0


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"text": "   "}, "Write a prompt first."),
        ({"p.temperature": "99"}, "<b>temperature</b>: Must be at most 2."),
        ({"p.no_such_thing": "1"}, "“no_such_thing” is not a parameter of this model."),
        ({"idempotency_key": "x"}, "This page is out of date. Reload it, then try again."),
    ],
)
def test_bad_input_stores_nothing_and_keeps_the_prompt(alice, client_for, url, started, fields, message):
    before = Message.objects.count()
    response = client_for(alice).post(url, {**prompt("My words"), **fields}, headers=HTMX)

    assert response.status_code == 422
    assert message in response.content.decode()
    assert fields.get("text", "My words").strip() in response.content.decode()
    assert (Message.objects.count(), started) == (before, [])


def test_a_huge_prompt_is_refused(alice, client_for, url, settings, started):
    response = client_for(alice).post(url, prompt("x" * (settings.MAX_PROMPT_CHARACTERS + 1)), headers=HTMX)
    assert response.status_code == 422
    assert started == []


def test_an_unknown_model_is_not_found(alice, client_for, url):
    assert client_for(alice).post(url, prompt(endpoint="999999"), headers=HTMX).status_code == 404


def test_a_model_of_another_workspace_is_not_found(alice, carol, client_for, url, endpoint):
    provider = endpoint.model.provider
    provider.pk, provider.code = None, "carols"
    provider.workspace = carol.memberships.get().workspace
    provider.save()
    model = endpoint.model
    model.pk, model.provider = None, provider
    model.save()
    theirs = Endpoint.objects.create(
        model=model, request_schema=endpoint.request_schema, schema_digest=endpoint.schema_digest
    )
    assert client_for(alice).post(url, prompt(endpoint=str(theirs.pk)), headers=HTMX).status_code == 404


def test_past_a_limit_it_says_which_and_stores_nothing(alice, client_for, workspace, url, started):
    Limit.objects.create(workspace=workspace, unit="requests", period="day", amount=1)
    LedgerEntry.objects.filter(workspace=workspace).count()
    response = client_for(alice).post(url, prompt(), headers=HTMX)

    assert response.status_code == 422
    assert "1 request per day" in response.content.decode()
    assert started == []
    assert not Hold.objects.filter(state=Hold.State.OPEN).exists()


def test_past_a_limit_it_says_what_can_be_done_about_it(alice, bob, client_for, workspace, catalogue):
    Limit.objects.create(workspace=workspace, unit="credits", period="day", amount=1)
    page = reverse("accounts:limits", args=[workspace.slug])

    url = reverse("chat:start", args=[workspace.slug])

    def refused(user) -> str:
        response = client_for(user).post(url, prompt(), headers=HTMX)
        assert response.status_code == 422
        return str(response.content.decode()).partition('role="alert"')[2].partition("data-send-failure")[0]

    assert re.search(r"costs at least \$0\.\d+ \([\d,]+ credits\)", refused(alice))
    assert f'<a href="{page}">Change the limit</a>' in refused(alice)
    assert "Ask an admin" not in refused(alice)
    assert "Ask an admin</button>" in refused(bob)
    assert f'"{page}"' not in refused(bob)


@pytest.mark.parametrize(
    ("unit", "left"), [("credits", "$0.00025 (500 credits) left"), ("tokens", "500 tokens left")]
)
def test_what_is_left_is_said_in_dollars_too(alice, client_for, workspace, unit, left):
    Limit.objects.create(workspace=workspace, unit=unit, period="day", amount=500)

    html = client_for(alice).get(reverse("chat:new", args=[workspace.slug])).content.decode()

    assert left in html


def test_what_a_schema_does_not_bound_can_be_sent(alice, client_for, url, endpoint, started):
    endpoint.model.output_max = None
    endpoint.model.save()
    endpoint.request_schema["properties"] |= {"max_tokens": {"type": "integer"}, "n": {"type": "integer"}}
    endpoint.schema_digest = digest_of(endpoint.request_schema)
    endpoint.save()
    most = {"p.max_tokens": "900000000000", "p.n": "900000000000"}

    assert client_for(alice).post(url, prompt(**most), headers=HTMX).status_code == 200

    # The hold is for so many copies of a usual length, which is less than the parameters allow.
    assert 10**14 < Hold.objects.get(run_code=started[0].code).tokens < pricing.MOST


def test_without_a_key_it_asks_for_one(alice, client_for, url, started):
    load_bundled("aimlapi")
    real = Endpoint.objects.get(model__model_id="bytedance/seed-1-8")
    response = client_for(alice).post(url, prompt(endpoint=str(real.pk)), headers=HTMX)

    assert response.status_code == 422
    assert "AI/ML API needs an API key" in response.content.decode()
    assert started == []


def test_one_answer_at_a_time(alice, client_for, running_run, started):
    url = reverse("chat:send", args=[running_run.conversation.code])
    response = client_for(alice).post(url, prompt(), headers=HTMX)

    # The next prompt waits for its end: see test_queueing.
    assert response.status_code == 200
    assert "1 queued" in response.content.decode()
    assert started == []


def test_a_first_prompt_opens_a_conversation_with_a_title(alice, client_for, workspace, endpoint, started):
    url = reverse("chat:start", args=[workspace.slug])
    response = client_for(alice).post(url, prompt("Plan a walk\nin the hills"), headers=HTMX)

    created = Conversation.objects.get()
    assert response.headers["HX-Redirect"] == reverse("chat:conversation", args=[created.code])
    assert created.title == "Plan a walk"
    assert Draft.objects.get(user=alice).model == started[0].endpoint.model


def test_a_viewer_cannot_send(vera, client_for, conversation, url, started):
    conversation.workspace_access = Access.WRITE
    conversation.save()
    assert client_for(vera).post(url, prompt(), headers=HTMX).status_code == 403
    assert started == []


def test_it_rejects_get(alice, client_for, url):
    assert client_for(alice).get(url).status_code == 405


def test_it_is_not_found_for_others(bob, carol, client_for, url):
    assert client_for(bob).post(url, prompt()).status_code == 404
    assert client_for(carol).post(url, prompt()).status_code == 404


def test_it_asks_to_sign_in(client, url):
    assert client.post(url, prompt()).status_code == 302


def test_another_wording_comes_with_the_whole_branch(alice, client_for, conversation, started):
    first = conversation.head.parent
    url = reverse("chat:edit", args=[first.code])
    page = client_for(alice).post(url, prompt("Said differently"), headers=HTMX).content.decode()

    [run] = started
    assert run.answer.parent.parent == first.parent
    assert "Said differently" in page
    assert f'id="message-{run.answer.code}"' in page
    assert f'id="message-{conversation.head.code}"' not in page


def test_another_answer_stands_beside_the_first(alice, client_for, conversation, started):
    url = reverse("chat:regenerate", args=[conversation.head.code])
    page = client_for(alice).post(url, prompt(), headers=HTMX).content.decode()

    assert started[0].answer.parent == conversation.head.parent
    assert f'id="message-{conversation.head.parent.code}"' in page


def test_turning_back_shows_the_other_branch(alice, client_for, conversation, started):
    client = client_for(alice)
    client.post(reverse("chat:regenerate", args=[conversation.head.code]), prompt(), headers=HTMX)
    page = client.post(reverse("chat:show", args=[conversation.head.code]), headers=HTMX).content.decode()

    assert f'id="message-{conversation.head.code}"' in page
    assert f'id="message-{started[0].answer.code}"' not in page


def test_who_may_only_read_does_not_turn_the_branch_for_all(alice, vera, client_for, conversation, started):
    Conversation.objects.update(workspace_access=Access.WRITE)
    first = conversation.head
    client_for(alice).post(reverse("chat:regenerate", args=[first.code]), prompt(), headers=HTMX)
    there = reverse("chat:conversation", args=[conversation.code])
    turn = reverse("chat:show", args=[first.code])

    assert client_for(vera).post(turn, headers=HTMX).status_code == 403

    assert Conversation.objects.get().head == started[0].answer
    read, written = (client_for(user).get(there).content.decode() for user in (vera, alice))
    assert ("Version 2 of 2" in read, "Version 2 of 2" in written) == (True, True)
    assert (turn in read, turn in written) == (False, True)


def test_a_conversation_that_the_model_has_no_place_for_is_refused_in_words(
    alice, client_for, url, endpoint, started
):
    schema = {**endpoint.request_schema, "properties": {**endpoint.request_schema["properties"]}}
    said = {"role": {"enum": ["user"]}, "content": {"type": "string"}}
    schema["properties"]["messages"] = {"type": "array", "items": {"type": "object", "properties": said}}
    Endpoint.objects.filter(pk=endpoint.pk).update(request_schema=schema, schema_digest=digest_of(schema))
    before = Message.objects.count()
    response = client_for(alice).post(url, prompt("My words"), headers=HTMX)

    assert response.status_code == 422
    page = response.content.decode()
    assert "This model answers single messages only. Start a new chat." in page
    assert "My words" in page
    assert (Message.objects.count(), started) == (before, [])


def test_a_length_that_the_schema_insists_on_is_sent_and_shown(alice, client_for, conversation, url, started):
    messages = Endpoint.objects.get(model__model_id="demo/polyglot", kind="messages")
    page = client_for(alice).post(url, prompt(endpoint=str(messages.pk)), headers=HTMX).content.decode()

    [run] = started
    assert run.body == {
        "model": "demo/polyglot",
        "messages": [
            {"role": "user", "content": "Say hello"},
            {"role": "assistant", "content": "Hello **there**."},
            {"role": "user", "content": "Tell me more"},
        ],
        "max_tokens": 4096,
        "stream": True,
    }
    assert run.parameters == {"max_tokens": 4096}
    assert "max_tokens" in page
    conversation.refresh_from_db()
    assert conversation.parameters == {}


@pytest.mark.parametrize("number", ["1000000000000", "9" * 30, "1e30", "9" * 399])
@pytest.mark.parametrize("name", ["max_tokens", "temperature", "seed"])
def test_a_number_of_any_size_is_sent_or_refused(alice, client_for, url, started, number, name):
    response = client_for(alice).post(url, prompt(**{f"p.{name}": number}), headers=HTMX)

    assert response.status_code == (200 if started else 422)
    # The demo's seed has no bounds.
    assert bool(started) == (name == "seed")
