"""The page that simulates a prompt: it says what sending the prompt would do, and stores nothing."""

from __future__ import annotations

import uuid
from typing import Any

import pytest

from accounts.exceptions import LimitReached
from accounts.models import Hold, Limit, LimitWindow, Membership
from chat.flows.build_request import Choice
from chat.flows.send_prompt import start_conversation
from chat.flows.simulate_request import simulate_request
from chat.models import Message, Run
from tests.chat.scripted_model import scripted_model

pytestmark = pytest.mark.django_db


@pytest.fixture
def endpoint(demo, catalogue, monkeypatch):
    endpoint = scripted_model(demo, monkeypatch, lambda reply, body: iter(()))
    endpoint.model.output_max = 100_000
    endpoint.model.save()
    return endpoint


@pytest.fixture
def show(client_for, alice, workspace, endpoint):
    def get(member, **query: Any):
        given = {"member": member.pk, "model": endpoint.model_id, "length": 500, **query}
        return client_for(alice).get(f"/w/{workspace.slug}/limits/simulate/", given)

    return get


def limited(workspace, amount: int, unit: str = "tokens", period: str = "day", **more: Any) -> Limit:
    return Limit.objects.create(workspace=workspace, unit=unit, period=period, amount=amount, **more)


# Each case: limits, the longest answer, and the parameter that a limit sets; None for a refusal.
CASES = [
    ([], None, {}),
    ([], 300, {}),
    ([("tokens", 90_000)], None, "shorter"),
    ([("tokens", 90_000), ("credits", 100_000_000), ("requests", 5)], None, "shorter"),
    ([("output_tokens", 400)], 300, {}),
    ([("tokens", 100)], None, None),
    ([("requests", 0)], None, None),
    ([("input_tokens", 400)], None, None),
    ([("credits", 20)], 5_000, None),
]


@pytest.mark.parametrize(("limits", "most", "outcome"), CASES)
def test_it_says_what_sending_does(workspace, alice, bob, endpoint, limits, most, outcome):
    for unit, amount in limits:
        limited(workspace, amount, unit)
    membership = Membership.objects.get(workspace=workspace, user=bob)
    parameters = {} if most is None else {"max_tokens": most}

    found = simulate_request(membership, endpoint, 520, parameters)

    assert not (Run.objects.exists() or Message.objects.exists() or Hold.objects.exists())
    assert not LimitWindow.objects.exists()
    try:
        run = start_conversation(workspace, bob, "word " * 500, Choice(endpoint, parameters), uuid.uuid4())
    except LimitReached as refusal:
        assert outcome is None
        refusing = next(each for each in found.met if each.refuses)
        assert refusing.allowance.limit.code == refusal.code
        assert refusing.needed == refusal.needed
        return
    assert outcome is not None
    hold = Hold.objects.get(run_code=run.code)
    kept = (hold.credits, hold.tokens, hold.input_tokens, hold.output_tokens)
    held = found.held
    assert kept == (held.credits, held.tokens, held.input_tokens, held.output_tokens)
    assert found.sent == (run.set_by_limit or {})
    assert bool(found.sent) == (outcome == "shorter")
    assert [each.allowance.unit for each in found.met if each.shortens] == ["tokens"] * bool(found.sent)
    assert not any(each.refuses for each in found.met)


def test_the_page_names_the_limit_that_refuses(workspace, bob, show):
    limited(workspace, 100, member=bob)
    limited(workspace, 50, is_soft=True)

    text = show(bob).content.decode()

    assert "This prompt would be refused by the limit of 100 tokens per day." in text
    assert text.count("This limit would refuse it.") == 1
    assert "People would be told, and it would be sent." in text


def test_the_page_names_the_limit_for_which_it_would_wait(workspace, bob, show, endpoint):
    waits = {"period": "minute", "lets_wait": True}
    Limit.objects.create(workspace=workspace, unit="concurrent", period="ever", amount=1, lets_wait=True)
    limit = Limit.objects.create(workspace=workspace, unit="requests", amount=1, **waits)
    Limit.objects.create(workspace=workspace, unit="input_tokens", amount=100_000, **waits)
    start_conversation(workspace, bob, "Hi", Choice(endpoint, {}), uuid.uuid4())

    text = show(bob).content.decode()

    assert "This prompt would wait for the limit of 1 request at once." in text
    assert "This limit would let it wait until others have ended." in text
    assert "This limit would let it wait until the limit resets." in text
    Limit.objects.filter(pk=limit.pk).update(amount=0)
    text = show(bob).content.decode()
    assert "This prompt would be refused by the limit of 0 requests per minute." in text


def test_the_page_names_the_limit_that_shortens(workspace, bob, alice, show):
    limited(workspace, 90_000)
    limited(workspace, 1, member=alice)

    text = show(bob).content.decode()

    assert "This prompt would be sent with max_tokens set to 89," in text
    assert "This limit would shorten the answer to at most 89," in text
    assert "would be refused" in show(alice).content.decode()


def test_a_viewer_and_a_model_that_is_off_send_nothing(workspace, bob, endpoint, show):
    Membership.objects.filter(user=bob).update(role="viewer")
    assert "is a viewer" in show(bob).content.decode()


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ({"length": 0}, "greater than or equal to 1"),
        ({"length": 10**30}, "less than or equal to"),
        ({"length": "x"}, "Enter a whole number"),
        ({"max_tokens": -1}, "greater than or equal to 1"),
        ({"model": "9" * 40}, "Select a valid choice"),
        ({"model": "x\x00"}, "Select a valid choice"),
    ],
)
def test_absurd_values_are_refused(bob, show, query, text):
    answer = show(bob, **query)

    assert answer.status_code == 200
    assert text in answer.content.decode()
    assert "outcome-heading" not in answer.content.decode()


def test_people_of_other_workspaces_are_no_choice(carol, show):
    answer = show(carol)

    assert "Select a valid choice" in answer.content.decode()
    assert carol.email not in answer.content.decode()
