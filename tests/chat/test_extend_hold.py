"""Answers that become longer than their hold: it grows ahead of them, and they end where nothing is left."""

from __future__ import annotations

import asyncio
import random
import uuid
from typing import TYPE_CHECKING, Any

import pytest
from asgiref.sync import sync_to_async
from django.db import OperationalError

from accounts import ledger
from accounts.exceptions import LimitReached
from accounts.models import Hold, LedgerEntry, Limit, LimitWindow
from chat.flows import extend_hold
from chat.flows.build_request import Choice
from chat.flows.send_prompt import start_conversation
from chat.live.cover import Cover, text_of
from chat.models import Run
from chat.pages.endings import ending_of
from chat.pages.failures import failure_of
from chat.relays import background
from playground import pricing
from playground.demo.answers import ScriptedAnswer
from playground.upstream.events import (
    Citation,
    Event,
    HostedToolCall,
    ReasoningDelta,
    RefusalDelta,
    TextDelta,
    ToolCallDelta,
    UsageReported,
)
from tests.chat.scripted_model import scripted_model

if TYPE_CHECKING:
    from collections.abc import Callable

    from playground.demo.replies import Reply
    from playground.demo.steps import Steps
    from playground.models import Endpoint

pytestmark = pytest.mark.django_db(transaction=True)

# Four bytes count as a token.
WORD = "word"


@pytest.fixture
def writing(demo, catalogue, monkeypatch) -> Callable[..., Endpoint]:
    """Return a function that makes a model which writes that many tokens, whatever it is asked for.

    One that ``honours`` the length in its request writes no more than that.
    """

    def make(tokens: int, in_pieces_of: int = 1, *, honours: bool = False) -> Endpoint:
        def play(reply: Reply, body: dict[str, Any]) -> Steps:
            most = min(tokens, body.get("max_tokens", tokens)) if honours else tokens
            pieces = [WORD * in_pieces_of] * (most // in_pieces_of)
            ending = "length" if most < tokens else "stop"
            yield from reply.stream(ScriptedAnswer(pieces, finish_reason=ending))

        endpoint = scripted_model(demo, monkeypatch, play)
        endpoint.model.output_max = None
        endpoint.model.save()
        return endpoint

    return make


def limited(workspace, amount: int, unit: str = "tokens", **more: Any) -> Limit:
    return Limit.objects.create(workspace=workspace, unit=unit, period="day", amount=amount, **more)


async def answered(workspace, user, endpoint: Endpoint, times: int = 1, **parameters: Any) -> list[Run]:
    """Send prompts at once, as far as they are admitted, and wait for their ends."""
    runs = []
    for _ in range(times):
        choice = Choice(endpoint, parameters)
        try:
            runs.append(await sync_to_async(start_conversation)(workspace, user, "Go", choice, uuid.uuid4()))
        except LimitReached:
            continue
    for run in runs:
        background.start(run)
    async with asyncio.timeout(60):
        while await Run.objects.filter(status__in=Run.LIVE).aexists():
            await asyncio.gather(*background.supervisor().tasks())
            await asyncio.sleep(0)
    return [await Run.objects.select_related("answer", "endpoint__model").aget(pk=run.pk) for run in runs]


def written(run: Run) -> int:
    assert run.answer is not None
    return len(run.answer.text) // len(WORD)


@pytest.mark.parametrize("in_pieces_of", [1, 100])
async def test_a_long_answer_extends_its_hold_and_ends_whole(
    relays, writing, workspace, alice, books_agree, in_pieces_of
):
    await sync_to_async(limited)(workspace, 100_000)
    endpoint = await sync_to_async(writing)(20_000, in_pieces_of)
    [run] = await answered(workspace, alice, endpoint)
    assert (run.status, written(run)) == (Run.Status.FINISHED, 20_000)
    hold = await Hold.objects.aget()
    assert hold.tokens > 20_000
    window = await LimitWindow.objects.aget()
    assert window.held == 0
    assert window.used == (await LedgerEntry.objects.aget()).tokens


@pytest.mark.parametrize(
    ("unit", "amount"), [("tokens", 30_000), ("credits", 30_000 * 16), ("tokens", 5_000), ("credits", 90_000)]
)
@pytest.mark.parametrize("parameters", [{}, {"max_tokens": 50}])
@pytest.mark.parametrize("in_pieces_of", [1, 1000])
async def test_twelve_sends_at_once_never_pass_a_limit(
    relays, writing, workspace, alice, books_agree, monkeypatch, unit, amount, parameters, in_pieces_of
):
    limit = await sync_to_async(limited)(workspace, amount, unit)
    endpoint = await sync_to_async(writing)(20_000, in_pieces_of)
    most = []
    granted = ledger.extend

    def watched(*given: Any) -> int:
        try:
            return granted(*given)
        finally:
            window = LimitWindow.objects.get(limit=limit)
            most.append(window.used + window.held)

    monkeypatch.setattr(ledger, "extend", watched)
    runs = await answered(workspace, alice, endpoint, 12, **parameters)
    window = await LimitWindow.objects.aget()
    assert max(most) <= amount
    assert window.held == 0
    assert window.used <= amount
    stopped = [run for run in runs if run.status == Run.Status.STOPPED]
    assert stopped
    for run in stopped:
        assert run.error is not None
        assert run.error["kind"] == "limit"
        assert written(run) > 0
    if in_pieces_of == 1:
        # Each answer leaves less unused than one extension. Of larger pieces the model reports each as a
        # single token.
        assert window.used > 0.8 * amount


@pytest.mark.parametrize("honours", [True, False])
@pytest.mark.parametrize("unit", ["tokens", "credits"])
async def test_twelve_long_answers_at_once_share_what_is_left(
    relays, writing, workspace, alice, books_agree, monkeypatch, unit, honours
):
    """Each of them would be 100,000 tokens long; 30,000 are left for all."""
    amount = 30_000 * (16 if unit == "credits" else 1)
    limit = await sync_to_async(limited)(workspace, amount, unit)
    endpoint = await sync_to_async(writing)(100_000, 25, honours=honours)
    most = []
    granted = ledger.extend

    def watched(*given: Any) -> int:
        try:
            return granted(*given)
        finally:
            window = LimitWindow.objects.get(limit=limit)
            most.append(window.used + window.held)

    monkeypatch.setattr(ledger, "extend", watched)
    runs = await answered(workspace, alice, endpoint, 12)
    window = await LimitWindow.objects.aget()
    assert len(runs) == 12
    assert max(most) <= amount
    assert (window.held, window.used <= amount) == (0, True)
    for run in runs:
        # Every one was sent what was left when it was opened, and says what ended it.
        assert run.set_by_limit == {"max_tokens": run.body["max_tokens"]}
        assert run.body["max_tokens"] < 30_000
        assert written(run) > 0
        note = ending_of(run, run.answer).note
        assert note.startswith(("The workspace's limit of", "A limit left no more than max_tokens"))


async def test_it_says_which_limit_and_is_no_failure(relays, writing, workspace, alice, bob):
    await sync_to_async(limited)(workspace, 6_000)
    endpoint = await sync_to_async(writing)(20_000)
    [run] = await answered(workspace, alice, endpoint)
    ending = ending_of(run, run.answer)
    assert ending.state == "stopped at a limit"
    assert ending.note.startswith(
        "The workspace's limit of 6,000 tokens per day has nothing left, so the answer"
    )
    assert ending.note.endswith("The text received so far is kept.")
    assert failure_of(run) is None
    await Limit.objects.all().adelete()
    await sync_to_async(limited)(workspace, 14_000, member=alice)
    [run] = await answered(workspace, alice, endpoint)
    # All readers see it, so the figures of a person stay out.
    assert ending_of(run, run.answer).note.startswith("A limit of the person who asked has nothing left")


async def test_it_waits_for_a_database_that_is_away(
    relays, writing, workspace, alice, monkeypatch, books_agree
):
    monkeypatch.setattr(extend_hold, "RETRY_SECONDS", 0)
    failures = [OperationalError("away"), OperationalError("away")]
    granted = ledger.extend

    def sometimes(*given: Any) -> int:
        if failures:
            raise failures.pop()
        return granted(*given)

    monkeypatch.setattr(ledger, "extend", sometimes)
    endpoint = await sync_to_async(writing)(9_000)
    [run] = await answered(workspace, alice, endpoint)
    assert (run.status, written(run)) == (Run.Status.FINISHED, 9_000)
    assert failures == []


def test_a_hold_that_is_closed_grants_without_booking(workspace, alice):
    limited(workspace, 100)
    code = uuid.uuid4()
    ledger.hold(code, workspace, alice, ledger.Amounts(credits=1, tokens=10))
    ledger.release(code)
    assert ledger.extend(code, 1_000, pricing.DEFAULT_OUTPUT_PRICE / pricing.MILLION) == 1_000
    assert LimitWindow.objects.get().held == 0


def test_the_strictest_limit_decides_how_much_is_granted(workspace, alice):
    limited(workspace, 1_000)
    limited(workspace, 1_610, "credits")
    limited(workspace, 1, "requests", member=alice)
    code = uuid.uuid4()
    ledger.hold(code, workspace, alice, ledger.Amounts(credits=10, tokens=10))
    price = pricing.DEFAULT_OUTPUT_PRICE / pricing.MILLION
    assert ledger.extend(code, 50, price) == 50
    assert ledger.extend(code, 500, price) == 50
    with pytest.raises(LimitReached) as caught:
        ledger.extend(code, 500, price)
    assert caught.value.unit == "credits"
    assert sorted(LimitWindow.objects.values_list("held", flat=True)) == [1, 110, 1_610]
    assert ledger.audit() == []


EVENTS: list[Event] = [
    TextDelta("word"),
    TextDelta("a long piece of text, in one event"),
    TextDelta("汉字和更多的字"),
    ReasoningDelta("hm"),
    RefusalDelta("No."),
    ToolCallDelta(0, "c", "weather", '{"city": "Ulm"}'),
    HostedToolCall("h", input="search for this"),
    Citation("https://example.org"),
    UsageReported(1, 1, None, 2, {}),
]


@pytest.mark.parametrize("seed", range(30))
def test_the_part_that_is_covered_is_never_more_than_that(seed):
    dice = random.Random(seed)
    cover = Cover()
    cover.tokens = dice.randrange(1, 40)
    for _ in range(40):
        events = dice.choices(EVENTS, k=dice.randrange(1, 6))
        before = cover.written
        if not (missing := cover.missing(events)):
            continue
        kept = cover.part(events)
        assert before <= cover.tokens
        assert cover.written <= cover.tokens
        assert cover.written + missing >= before
        assert sum(len(text_of(event)) for event in kept) <= sum(len(text_of(event)) for event in events)
        assert kept[:-1] == events[: len(kept) - 1] if kept else True
        cover.add(missing)
        return
    pytest.fail("nothing was missing")
