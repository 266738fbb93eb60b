"""Every failure of a provider, as the run stores it and as the page shows it."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from html import unescape

import pytest
from asgiref.sync import sync_to_async
from django.urls import reverse

from accounts import ledger
from accounts.models import Hold, LedgerEntry
from chat.flows import relay_run
from chat.models import Run
from chat.relays import background
from playground import clients
from playground.models import Endpoint, UpstreamModel
from playground.parameters.schema.request_schema import digest_of
from playground.upstream.transport.client import Clocks
from tests.chat.scripted_model import SCHEMA, first_run

pytestmark = [pytest.mark.django_db(transaction=True)]

HALF = "The kettle is warm, the"
# Timeout of silent upstreams: long enough for a request, short enough for a test.
IMPATIENT = Clocks(first_token=2, idle=2)


@pytest.fixture(autouse=True)
def no_time(monkeypatch):
    async def pass_at_once(seconds: float) -> None:
        return

    monkeypatch.setattr(relay_run, "pause", pass_at_once)


@pytest.fixture
def impatient(monkeypatch):
    request = clients.stream_request
    monkeypatch.setattr(clients, "stream_request", lambda *args: replace(request(*args), clocks=IMPATIENT))


def played(workspace, user, scenario: str) -> Run:
    provider = UpstreamModel.objects.get(model_id="demo/plain").provider
    model = UpstreamModel.objects.create(provider=provider, model_id=f"scripted/{scenario}", name=scenario)
    endpoint = Endpoint.objects.create(model=model, request_schema=SCHEMA, schema_digest=digest_of(SCHEMA))
    return first_run(workspace, user, endpoint)


@pytest.mark.parametrize(
    ("scenario", "kind", "text", "words"),
    [
        ("unauthorised", "unauthorised", "", ["did not accept the API key", "Check the key"]),
        ("out_of_credits", "forbidden", "", ["refused this request", "You have run out of credits"]),
        ("unknown_model", "not_found", "", ["does not know this model", "There is no such model."]),
        ("request_timeout", "overloaded", "", ["is busy", "took too long to arrive"]),
        (
            "rate_limited",
            "rate_limited",
            "",
            ["received too many requests", "Try again in 7 s.", "tried 3 times"],
        ),
        ("rate_limited_bare", "rate_limited", "", ["received too many requests", "tried 3 times"]),
        ("server_error", "server", "", ["had an error", "Internal server error"]),
        ("bad_gateway", "overloaded", "", ["is busy", "Bad Gateway. We tried 3 times."]),
        ("unavailable", "overloaded", "", ["is busy", "Service unavailable"]),
        ("overloaded", "overloaded", "", ["is busy", "The model is overloaded"]),
        ("generation_timeout", "overloaded", "", ["is busy", "Generation timeout"]),
        ("html?status=502", "overloaded", "", ["is busy", "502 Bad Gateway"]),
        ("html", "malformed", "", ["sent an answer that cannot be read", "502 Bad Gateway"]),
        ("json_error", "server", "", ["had an error", "Something went wrong on the way"]),
        ("nested_error", "bad_request", "", ["did not accept the request", "max_tokens is too large"]),
        ("no_body", "malformed", "", ["sent an answer that cannot be read"]),
        ("redirect", "redirected", "", ["redirected the request", "169.254.169.254"]),
        ("reset_before_first_byte", "cut", "", ["The connection was cut"]),
        ("cut_mid_stream", "cut", HALF, ["The connection was cut", HALF]),
        ("cut_mid_event", "cut", HALF, [HALF]),
        ("cut_mid_utf8", "cut", HALF, [HALF]),
        ("malformed_chunk", "malformed", HALF, ["sent an answer that cannot be read", HALF]),
        (
            "silence",
            "timeout_first_token",
            "",
            ["did not answer in time", "did not begin to answer within 2 s"],
        ),
        ("silence_mid_stream", "timeout_idle", HALF, ["stopped responding", HALF]),
        ("comments_forever", "timeout_first_token", "", ["did not answer in time"]),
        ("error_mid_stream", "server", HALF, ["had an error", "stopped responding in the middle", HALF]),
        ("error_first", "server", "", ["had an error", "could not be loaded"]),
        ("huge_line", "too_large", "", ["sent an answer that is too large"]),
        ("gzip_bomb?megabytes=5", "malformed", "", ["sent an answer that cannot be read", "compressed"]),
    ],
)
async def test_it_says_what_failed_and_keeps_what_came(
    relays, demo, catalogue, workspace, alice, client_for, request, scenario, kind, text, words
):
    if kind.startswith("timeout"):
        request.getfixturevalue("impatient")
    run = await sync_to_async(played)(workspace, alice, scenario)
    background.start(run)
    await asyncio.sleep(0)
    async with asyncio.timeout(30):
        await asyncio.gather(*relays.tasks())
    assert await asyncio.to_thread(demo.requests[-1].ended.wait, 20), "the upstream was left"

    def check() -> str:
        run.refresh_from_db()
        assert run.status == Run.Status.FAILED
        assert run.error is not None
        assert run.error["kind"] == kind
        assert run.message.text == text
        assert not Hold.objects.filter(state=Hold.State.OPEN).exists()
        # The user pays for generated text, and for nothing else.
        assert LedgerEntry.objects.count() == bool(text)
        assert ledger.audit() == []
        page = client_for(alice).get(reverse("chat:conversation", args=[run.thread.code]))
        return unescape(page.content.decode())

    html = await sync_to_async(check)()
    assert [word for word in words if word not in html] == []
    # The page keeps the upstream's own words in a fold, and offers a retry.
    assert "Answer again" in html


@pytest.mark.parametrize(
    ("scenario", "text", "words"),
    [
        ("no_finish", HALF, "The stream ended without a final event. The answer may be incomplete."),
        ("empty", "", "The provider sent an empty answer."),
        ("refusal", "", "The model declined: I would rather not say."),
        ("tool_call", "", "The model is waiting for the results of its calls."),
    ],
)
async def test_an_end_that_is_none_says_so(
    relays, demo, catalogue, workspace, alice, client_for, scenario, text, words
):
    run = await sync_to_async(played)(workspace, alice, scenario)
    background.start(run)
    await asyncio.sleep(0)
    async with asyncio.timeout(30):
        await asyncio.gather(*relays.tasks())

    def check() -> str:
        run.refresh_from_db()
        assert run.status == Run.Status.FINISHED
        assert run.message.text == text
        assert ledger.audit() == []
        page = client_for(alice).get(reverse("chat:conversation", args=[run.thread.code]))
        return unescape(page.content.decode())

    assert words in await sync_to_async(check)()


async def test_a_failure_of_long_ago_still_shows(catalogue, workspace, alice, client_for):
    """The run was stored before errors named their provider and the number of tries."""

    def check() -> str:
        run = played(workspace, alice, "plain")
        error = {"kind": "server", "message": "The provider had an error. Oh.", "status": 500}
        Run.objects.filter(pk=run.pk).update(status=Run.Status.FAILED, error=error)
        page = client_for(alice).get(reverse("chat:conversation", args=[run.thread.code]))
        return unescape(page.content.decode())

    html = await sync_to_async(check)()
    assert "The provider had an error</h3>" in html
    assert ">Oh.<" in html
