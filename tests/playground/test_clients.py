from __future__ import annotations

import asyncio
from contextlib import contextmanager
from typing import Any

import pytest

from accounts import keys
from accounts.flows.save_key import save_key
from playground import clients
from playground.clients import KeyCheck
from playground.models import Provider
from playground.upstream.errors.exceptions import FailureKind
from playground.upstream.events import Failed, Finished, TextDelta
from tests.raw_upstream import WHOLE, RawUpstream, answer, raw_upstream

pytestmark = pytest.mark.django_db

SECRET = "sk-test-0123456789abcdef"
BODY = {"model": "demo/plain", "messages": [{"role": "user", "content": "Hello."}], "stream": True}


@pytest.fixture
def demo_provider():
    return Provider(code="demo", name="Built-in demo", kind=Provider.Type.DEMO, needs_key=False)


@pytest.fixture
def api_key(workspace, alice):
    return save_key(workspace, "aimlapi", SECRET, member=None, actor=alice)


@contextmanager
def provider_at(upstream: RawUpstream, settings: Any, kind: Provider.Type, *, is_allowed: bool = True):
    settings.ALLOWED_PRIVATE_UPSTREAMS = [f"127.0.0.1:{upstream.port}"] if is_allowed else []
    yield Provider(code="aimlapi", name="Upstream", kind=kind, base_url=upstream.base_url)


def stream(request):
    """Return all events of a request, which runs in an event loop of its own."""

    async def gather():
        try:
            return [event async for batch in clients.upstream_client().stream(request) for event in batch]
        finally:
            await clients.close_upstream_client()

    return asyncio.run(gather())


def test_it_streams_from_the_demo(demo_provider, demo_upstream):
    events = stream(clients.stream_request(demo_provider, "chat/completions", BODY, None, "run-1"))
    assert "".join(event.text for event in events if isinstance(event, TextDelta))
    assert [event for event in events if isinstance(event, Finished)] == [Finished("stop")]
    assert not [event for event in events if isinstance(event, Failed)]


def test_it_lets_the_demo_be_reached_at_its_own_address_alone(demo_provider, settings, demo_upstream):
    settings.ALLOWED_PRIVATE_UPSTREAMS = ["10.0.0.0/8"]
    request = clients.stream_request(demo_provider, "chat/completions", BODY, None, "run-1")
    (allowed,) = request.allowed_private
    assert str(allowed.network) == "127.0.0.1/32"
    assert f":{allowed.port}/" in demo_upstream.base_url


def test_it_lets_no_other_provider_reach_the_demo(demo_upstream, settings):
    settings.ALLOWED_PRIVATE_UPSTREAMS = []
    provider = Provider(code="x", name="X", kind=Provider.Type.OPENAI, base_url=demo_upstream.base_url)
    (failed,) = stream(clients.stream_request(provider, "chat/completions", BODY, None, "run-1"))
    assert failed.kind is FailureKind.REFUSED_ADDRESS


def test_it_opens_the_key_only_inside_the_call(api_key, monkeypatch):
    opened = []

    def reveal(key):
        opened.append(key)
        return SECRET

    monkeypatch.setattr(keys, "reveal", reveal)
    provider = Provider(
        code="aimlapi", name="AI/ML API", kind=Provider.Type.AIMLAPI, base_url="https://x.example"
    )
    request = clients.stream_request(provider, "chat/completions", BODY, api_key, "run-1")
    assert opened == []
    assert request.secret is not None
    assert request.secret() == SECRET
    assert SECRET not in repr(request)


def test_it_says_when_a_stored_key_cannot_be_opened(api_key):
    api_key.token = "v1:nonsense"
    provider = Provider(
        code="aimlapi", name="AI/ML API", kind=Provider.Type.AIMLAPI, base_url="https://x.example"
    )
    (failed,) = stream(clients.stream_request(provider, "chat/completions", BODY, api_key, "run-1"))
    assert failed.kind is FailureKind.INTERNAL
    assert "Add it again" in failed.message


def test_it_has_one_client_for_each_loop():
    async def twice():
        try:
            return clients.upstream_client() is clients.upstream_client(), clients.upstream_client()
        finally:
            await clients.close_upstream_client()

    is_same, first = asyncio.run(twice())
    _, second = asyncio.run(twice())
    assert is_same
    assert first is not second


# --- keys ---


def check(kind, script, api_key, settings, *, is_allowed=True):
    async def ask():
        async with raw_upstream(script) as upstream:
            with provider_at(upstream, settings, kind, is_allowed=is_allowed) as provider:
                return await asyncio.to_thread(clients.check_key, provider, api_key), upstream

    return asyncio.run(ask())


def test_it_asks_for_the_balance_to_check_a_key(api_key, settings):
    script = answer(200, b'{"balance": 1234567, "lowBalance": false}')
    found, upstream = check(Provider.Type.AIMLAPI, script, api_key, settings)
    assert found == KeyCheck(
        ok=True, message="The key works: 1,234,567 credits left.", balance_credits=1_234_567
    )
    (visit,) = upstream.visits
    assert visit.head.startswith(b"GET /v1/billing/balance ")
    assert visit.headers["authorization"] == f"Bearer {SECRET}"


def test_it_says_that_the_balance_is_low(api_key, settings):
    script = answer(200, b'{"balance": 12, "lowBalance": true}')
    found, _ = check(Provider.Type.AIMLAPI, script, api_key, settings)
    assert found.message == "The key works: 12 credits left, which is low."


def test_it_lists_the_models_where_there_is_no_balance(api_key, settings):
    script = answer(200, b'{"data": [{"id": "a"}, {"id": "b"}]}')
    found, upstream = check(Provider.Type.OPENAI, script, api_key, settings)
    assert found == KeyCheck(ok=True, message="The key works: Upstream offers 2 models.")
    assert upstream.visits[0].head.startswith(b"GET /v1/models ")


@pytest.mark.parametrize("kind", [Provider.Type.OPENAI, Provider.Type.AIMLAPI])
@pytest.mark.parametrize(
    ("script", "words"),
    [
        (answer(401, f'{{"message": "not {SECRET}"}}'.encode()), "did not accept the API key"),
        (answer(403, b'{"message": "no credits"}'), "no credits"),
        (answer(200, b"<title>Welcome</title>"), "Welcome"),
        (answer(200, b"{}"), "did not"),
        (b"", "broke"),
    ],
)
def test_it_says_why_a_key_does_not_work(kind, script, words, api_key, settings):
    async def hang_up(visit):
        visit.writer.close()

    found, _ = check(kind, script or hang_up, api_key, settings)
    assert (found.ok, words in found.message, found.balance_credits) == (False, True, None)
    assert SECRET not in repr(found)


def test_it_checks_no_key_on_a_private_network(api_key, settings):
    found, upstream = check(Provider.Type.OPENAI, answer(200, b"{}"), api_key, settings, is_allowed=False)
    assert not found.ok
    assert "private network" in found.message
    assert upstream.visits == []


def test_it_checks_the_demo_without_a_key(demo_provider, demo_upstream):
    found = clients.check_key(demo_provider, None)
    assert found.ok
    assert found.balance_credits


@pytest.mark.parametrize(
    ("kind", "version"), [("chat/completions", None), ("responses", None), ("messages", "2023-06-01")]
)
def test_each_endpoint_gets_its_own_headers_and_the_key_as_a_bearers(
    demo_provider, demo_upstream, api_key, kind, version
):
    body = {"model": "demo/polyglot", "stream": True}
    stream(clients.stream_request(demo_provider, kind, body, api_key, "run-1"))
    [received] = demo_upstream.requests
    assert received.path == f"/v1/{kind}"
    assert received.headers["authorization"] == f"Bearer {SECRET}"
    assert received.headers.get("anthropic-version") == version
    assert "x-api-key" not in received.headers


@pytest.mark.parametrize(("is_allowed", "kind"), [(False, FailureKind.REFUSED_ADDRESS), (True, None)])
def test_a_local_model_server_works_once_an_admin_allows_its_address(is_allowed, kind, settings):
    async def play():
        async with raw_upstream(WHOLE) as upstream:
            with provider_at(upstream, settings, Provider.Type.OPENAI, is_allowed=is_allowed) as provider:
                request = clients.stream_request(provider, "chat/completions", BODY, None, "run-1")
                batches = clients.upstream_client().stream(request)
                events = [event async for batch in batches for event in batch]
            await clients.close_upstream_client()
            return events

    events = asyncio.run(play())
    assert [event.kind for event in events if isinstance(event, Failed)] == ([kind] if kind else [])
    assert "".join(event.text for event in events if isinstance(event, TextDelta)) == (
        "Hello" if is_allowed else ""
    )
