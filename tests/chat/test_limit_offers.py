"""A prompt that a limit refuses: the composer offers what fits, one click each."""

from __future__ import annotations

import re
import uuid
from typing import Any

import pytest
from django.urls import reverse

from accounts.flows.save_key import save_key
from accounts.models import LedgerEntry, Limit
from chat.models import Conversation, Run
from chat.relays import background
from playground.models import Endpoint, Provider, UpstreamModel
from playground.parameters.schema.request_schema import digest_of
from tests.chat.scripted_model import SCHEMA

pytestmark = pytest.mark.django_db

HTMX = {"HX-Request": "true"}


@pytest.fixture
def provider(workspace) -> Provider:
    return Provider.objects.create(
        code="own", name="Own", base_url="http://127.0.0.1:9/v1", needs_key=False, workspace=workspace
    )


@pytest.fixture
def add(provider):
    def make(
        name: str, price: int, *, of: Provider | None = None, kind: str = "chat/completions"
    ) -> Endpoint:
        model = UpstreamModel.objects.create(
            provider=of or provider, model_id=name.lower(), name=name, input_price=price, output_price=price
        )
        made: Endpoint = Endpoint.objects.create(
            model=model, kind=kind, request_schema=SCHEMA, schema_digest=digest_of(SCHEMA)
        )
        return made

    return make


@pytest.fixture
def dear(add):
    return add("Dear", 20_000_000)


@pytest.fixture(autouse=True)
def started(monkeypatch) -> list[Run]:
    runs: list[Run] = []
    monkeypatch.setattr(background, "start", runs.append)
    return runs


@pytest.fixture
def send(client_for, workspace, dear):
    """Send a prompt to the dear model as the page does, in a new chat or in a conversation."""

    def post(user, conversation: Conversation | None = None, **more: Any):
        url = (
            reverse("chat:send", args=[conversation.code])
            if conversation
            else reverse("chat:start", args=[workspace.slug])
        )
        data = {"text": "Say hello", "idempotency_key": str(uuid.uuid4()), "endpoint": str(dear.pk), **more}
        return client_for(user).post(url, data, headers=HTMX)

    return post


def buttons(response) -> dict[str, tuple[str, str]]:
    """Return the buttons of the refusal by their words, with what they post."""
    assert response.status_code == 422
    found = re.findall(
        r'<button type="submit" class="button small" name="(\w+)"\s+value="([^"]+)">\s*(.*?)\s*</button>',
        response.content.decode(),
        re.DOTALL,
    )
    return {" ".join(words.split()): (name, value) for name, value, words in found}


def limited(workspace, amount: int, unit: str = "credits", **more: Any) -> Limit:
    return Limit.objects.create(workspace=workspace, unit=unit, period="day", amount=amount, **more)


def test_a_shorter_answer_is_one_click(send, alice, workspace, started):
    limited(workspace, 150, "tokens")
    asked = {"p.max_tokens": "5000"}
    [(words, (name, value))] = buttons(send(alice, **asked)).items()
    assert re.fullmatch(r"Send for an answer of at most 1\d\d tokens", words)
    assert send(alice, **asked, **{name: value}).status_code == 200
    [run] = started
    assert run.body["max_tokens"] == run.parameters["max_tokens"] == int(value.partition(":")[2])


def test_so_is_a_cheaper_model(send, add, alice, workspace, started):
    cheap, cheapest = add("Cheap", 200_000), add("Cheapest", 100_000)
    add("Dearer", 30_000_000)
    limited(workspace, 200)
    found = buttons(send(alice))
    assert found == {
        "Send to Cheap instead": ("instead", str(cheap.pk)),
        "Send to Cheapest instead": ("instead", str(cheapest.pk)),
    }
    assert send(alice, instead=str(cheap.pk)).status_code == 200
    assert started[0].endpoint == cheap


def test_in_a_conversation_the_page_then_shows_the_other_model(send, add, alice, conversation, workspace):
    cheap = add("Cheap", 200_000)
    limit = limited(workspace, 0)
    used = sum(LedgerEntry.objects.values_list("credits", flat=True))
    Limit.objects.filter(pk=limit.pk).update(amount=used + 200)
    assert "Send to Cheap instead" in buttons(send(alice, conversation))
    response = send(alice, conversation, instead=str(cheap.pk))
    assert response.status_code == 200
    assert 'id="parameters" hx-swap-oob' in response.content.decode()
    conversation.refresh_from_db()
    assert conversation.model == cheap.model


@pytest.mark.parametrize(
    "kind", ["none", "needs a key", "off", "other endpoint", "too dear", "tokens", "refused"]
)
def test_no_model_is_offered_that_could_not_answer(send, add, alice, workspace, provider, kind):
    if kind == "needs a key":
        add("Keyed", 1_000, of=Provider.objects.create(code="keyed", name="Keyed", workspace=workspace))
    elif kind == "off":
        UpstreamModel.objects.filter(pk=add("Off", 1_000).model_id).update(is_enabled=False)
    elif kind == "other endpoint":
        add("Other", 1_000, kind="unheard/of")
    elif kind == "too dear":
        add("Little Cheaper", 19_000_000)
    elif kind in ("tokens", "refused"):
        add("Cheap", 1_000)
    limited(workspace, 5, *(["tokens"] if kind == "tokens" else []))
    if kind == "refused":
        limited(workspace, 0, "requests")
        limited(workspace, 10**9, "credits", member=alice)
        Limit.objects.filter(unit="credits", member=None).delete()
    assert buttons(send(alice)) == {}


def test_a_model_with_a_key_is(send, add, alice, workspace):
    keyed = Provider.objects.create(code="keyed", name="Keyed", workspace=workspace)
    other = add("Keyed", 1_000, of=keyed)
    save_key(workspace, "keyed", "sk-a-secret-key", member=None, actor=alice)
    limited(workspace, 200)
    assert buttons(send(alice)) == {"Send to Keyed instead": ("instead", str(other.pk))}


@pytest.mark.parametrize(
    "forged",
    [
        {"fitting": "max_tokens:"},
        {"fitting": "max_tokens:-5"},
        {"fitting": "temperature:1"},
        {"fitting": "max_tokens:99999999999999"},
        {"instead": "0"},
        {"instead": "9" * 30},
        {"instead": "x"},
    ],
)
def test_what_a_button_never_posts_changes_nothing(send, alice, workspace, forged):
    response = send(alice, **forged)
    assert response.status_code in (200, 404)
    assert all("max_tokens" not in run.body and "temperature" not in run.body for run in Run.objects.all())


def test_another_workspaces_model_is_not_found(send, add, alice, carol):
    foreign = Provider.objects.create(
        code="foreign", name="Foreign", needs_key=False, workspace=carol.memberships.get().workspace
    )
    assert send(alice, instead=str(add("Foreign", 1, of=foreign).pk)).status_code == 404


def test_an_admin_switches_the_fitting_off_and_on(client_for, alice, ada, bob, workspace):
    url = reverse("accounts:shorten_answers", args=[workspace.slug])
    page = reverse("accounts:limits", args=[workspace.slug])
    for posted, expected in (({}, False), ({"shorten": "on"}, True)):
        response = client_for(ada).post(url, posted, follow=True)
        assert "fit what a limit leaves" in response.content.decode()
        workspace.refresh_from_db()
        assert workspace.shortens_answers is expected
    assert client_for(bob).post(url).status_code == 403
    assert "Ask for an answer that fits" not in client_for(bob).get(page).content.decode()
