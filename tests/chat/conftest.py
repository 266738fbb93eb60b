from __future__ import annotations

import asyncio
import uuid
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.utils.timezone import now

from chat.flows.audit_books import audit_books
from chat.flows.build_request import Choice
from chat.flows.learn_statistics import forget_statistics
from chat.flows.send_prompt import start_conversation
from chat.live import inbound
from chat.live.database_threads import close_connections
from chat.models import Run
from chat.relays import background
from playground.catalogue.load_bundled import load_bundled
from playground.demo.server import DemoServer
from playground.models import Endpoint
from playground.upstream.dialects.registry import endpoint_kinds
from tests.official_shapes import errors_of, without_extensions


@pytest.fixture
def catalogue(db):
    load_bundled("demo")


@pytest.fixture
def endpoint(catalogue) -> Endpoint:
    return Endpoint.objects.select_related("model__provider").get(model__model_id="demo/plain")


@pytest.fixture
def queued_run(workspace, alice, endpoint) -> Run:
    """Alice's first prompt in a new conversation; nothing relays it."""
    return start_conversation(workspace, alice, "Say hello", Choice(endpoint, {}), uuid.uuid4())


@pytest.fixture
def running_run(queued_run: Run) -> Run:
    """The same run, claimed by a process that is silent but whose lease is still valid."""
    Run.objects.filter(pk=queued_run.pk).update(
        status=Run.Status.RUNNING,
        lease_owner="another process",
        lease_expires_at=now() + timedelta(seconds=60),
        fence=1,
        started_at=now(),
    )
    queued_run.refresh_from_db()
    return queued_run


@pytest.fixture
def second_run(workspace, alice, endpoint) -> Run:
    """Another conversation's prompt, opened after ``queued_run``."""
    return start_conversation(workspace, alice, "And hello", Choice(endpoint, {}), uuid.uuid4())


@pytest.fixture
def conversation(queued_run):
    """A conversation of Alice's whose only answer is stored and settled."""
    from chat.flows.finish_run import Outcome, finish_run
    from playground.upstream.answer import Answer
    from playground.upstream.events import Finished, TextDelta

    answer = Answer()
    for event in (TextDelta("Hello **there**."), Finished("stop")):
        answer.apply(event)
    assert finish_run(queued_run, Outcome(Run.Status.FINISHED, answer), fence=0)
    conversation = queued_run.conversation
    conversation.refresh_from_db()
    return conversation


@pytest.fixture
def books_agree(db):
    """Check after the test that every hold belongs to a live run, and that the ledger adds up."""
    yield
    assert audit_books() == []


@pytest.fixture
def demo(demo_upstream: DemoServer) -> Iterator[DemoServer]:
    """Yield the demo; check after the test that the official clients could have sent every run's request."""
    yield demo_upstream
    # A relay that is not drained yet may be sending another one.
    for request in tuple(demo_upstream.requests):
        kind = request.path.removeprefix("/v1/")
        # Runs always ask for a stream; some tests send requests of their own.
        if kind in endpoint_kinds() and request.body.get("stream"):
            assert errors_of(kind, without_extensions(kind, request.body)) == []


@pytest.fixture
async def relays(transactional_db):
    """Relays on the event loop of the test, as in the server; drained at the end."""
    supervisor = background.attach(asyncio.get_running_loop())
    yield supervisor
    await supervisor.drain()
    await asyncio.to_thread(close_connections)


@pytest.fixture(autouse=True)
def whole_allowances():
    """Allowances are kept by the key of a user, which is another person's in the next test."""
    inbound._people.clear()


@pytest.fixture(autouse=True)
def nothing_learned():
    """Statistics are kept by the key of a model, which is another one in the next test."""
    yield
    forget_statistics()
