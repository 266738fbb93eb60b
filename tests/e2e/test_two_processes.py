"""Two servers on one database and one Redis that show the same."""

from __future__ import annotations

import json
import time
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any, NamedTuple

import httpx
import pytest
from django.conf import settings
from django.core.cache import cache
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect
from websockets.typing import Origin

from tests.e2e.visitor import Visitor
from tests.installation import Installation

if TYPE_CHECKING:
    from collections.abc import Iterator

    from websockets.sync.client import ClientConnection

    from playground.demo.server import DemoServer
    from playground.demo.stage import Gate

# Several processes of one installation share a Redis.
pytestmark = pytest.mark.redis
PATIENCE = 30


@pytest.fixture
def servers(request, tmp_path, upstream, shared_database) -> Iterator[tuple[Installation, Installation]]:
    """Yield two servers; an indirect parameter sets how many seconds they have to drain."""
    # Redis counts sign-ins by address, and all tests come from the same one.
    cache.clear()
    shared = {**shared_database, "REDIS_URL": settings.REDIS_URL, "RUN_LEASE_SECONDS": "3"}
    shared["DRAIN_SECONDS"] = getattr(request, "param", "0")
    here, there = Installation(tmp_path, **shared), Installation(tmp_path, **shared)
    here.prepare()
    here.add_scripted_provider(upstream.base_url)
    here.start()
    there.start()
    yield here, there
    there.stop()
    here.stop()


@pytest.fixture
def visitor(servers) -> Iterator[Visitor]:
    visitor = Visitor(servers[0])
    visitor.sign_in()
    yield visitor
    visitor.http.close()


class Page:
    """A conversation page that is open at one of the servers."""

    def __init__(self, server: Installation, visitor: Visitor, path: str, stack: ExitStack) -> None:
        cookie = f"{settings.SESSION_COOKIE_NAME}={visitor.http.cookies[settings.SESSION_COOKIE_NAME]}"
        code = path.strip("/").rpartition("/")[2]
        self.seen = ""
        self._socket: ClientConnection = stack.enter_context(
            connect(
                f"ws://localhost:{server.port}/ws/c/{code}/",
                additional_headers={"Cookie": cookie},
                origin=Origin(server.origin),
            )
        )
        self.send({"type": "hello", "head": "", "cursors": {}})

    def send(self, command: dict[str, Any]) -> None:
        self._socket.send(json.dumps(command))

    def read_until(self, text: str) -> str:
        """Return the HTML of the frame that contains the text."""
        deadline = time.monotonic() + PATIENCE
        while True:
            frame = json.loads(self._socket.recv(timeout=deadline - time.monotonic()))
            self.send({"type": "ack", "n": frame["n"]})
            self.seen += frame["html"]
            if text in frame["html"]:
                return str(frame["html"])

    def closed_with(self) -> int | None:
        """Wait until the server closes the socket and return its code."""
        deadline = time.monotonic() + PATIENCE
        try:
            while True:
                self._socket.recv(timeout=deadline - time.monotonic())
        except ConnectionClosed as closed:
            return closed.rcvd.code if closed.rcvd else None


@pytest.fixture
def open_page(visitor) -> Iterator[Any]:
    with ExitStack() as stack:
        yield lambda server, path: Page(server, visitor, path, stack)


RUN = "str(Run.objects.order_by('-pk')[0].code)"
ANSWER = "Run.objects.order_by('-pk').values_list('answer__text', flat=True)[0]"


def test_both_show_the_answer_while_it_comes_and_when_it_is_done(servers, visitor, open_page, upstream):
    here, there = servers
    gate = upstream.hold_after(40)
    path = visitor.start("Tell me about rivers", "demo/plain", **{"p.temperature": "0"})
    far, near = open_page(there, path), open_page(here, path)
    assert gate.reached.wait(PATIENCE)
    run = here.query(RUN)
    far.read_until(f'id="run-{run}-')
    near.read_until(f'id="run-{run}-')

    gate.release()

    endings = [page.read_until('data-status="finished"') for page in (far, near)]
    assert endings[0] == endings[1]
    reloaded = [httpx.get(f"{s.origin}{path}", cookies=visitor.http.cookies).text for s in servers]
    body = here.query(ANSWER).split()[-1].strip(".")
    assert all(body in html for html in (*endings, *reloaded))


def test_a_stop_from_the_other_process_ends_the_stream(servers, visitor, open_page, upstream):
    here, there = servers
    gate = upstream.hold_after(40)
    path = visitor.start("Tell me about rivers", "demo/plain", **{"p.temperature": "0"})
    far = open_page(there, path)
    assert gate.reached.wait(PATIENCE)

    visitor.stop(here.query(RUN), there)

    far.read_until('data-status="stopped"')
    gate.release()
    assert here.query("Hold.objects.filter(state='open').count()") == 0


def test_signing_out_in_one_process_closes_the_page_in_the_other(servers, visitor, open_page):
    _, there = servers
    far = open_page(there, visitor.start("Tell me about rivers", "demo/plain"))
    far.read_until('data-status="finished"')

    visitor.sign_out()

    with pytest.raises(ConnectionClosed) as closed:
        far.read_until("nothing that ever comes")
    assert closed.value.rcvd and closed.value.rcvd.code == 4401


def test_the_other_process_ends_what_a_killed_one_left(servers, visitor, open_page, upstream):
    here, there = servers
    gate = upstream.hold_after(40)
    path = visitor.start("Tell me about rivers", "demo/plain", **{"p.temperature": "0"})
    near, far = open_page(here, path), open_page(there, path)
    assert gate.reached.wait(PATIENCE)

    here.kill()
    gate.release()

    assert "Interrupted" in far.read_until('data-status="interrupted"')
    with pytest.raises(ConnectionClosed):
        near.read_until("nothing that ever comes")
    assert there.manage("audit_ledger")


RUNS = "[[str(code), status] for code, status in Run.objects.order_by('pk').values_list('code', 'status')]"
FIRST_ANSWER = "Run.objects.order_by('pk').values_list('answer__text', flat=True)[0]"
OPEN_HOLDS = "Hold.objects.filter(state='open').count()"
SET_ONE_PLACE = """
from accounts.models import Workspace
from playground.models import Provider, ProviderSetting
ProviderSetting.objects.create(
    workspace=Workspace.objects.get(), provider=Provider.objects.get(code="scripted"), places=1)
"""


@pytest.fixture
def deploy(servers, visitor, open_page, upstream) -> Iterator[Deploy]:
    """Start an answer at the first server that stays half written, and two prompts that wait for it."""
    here, there = servers
    here.manage("shell", "-v", "0", "-c", SET_ONE_PLACE)
    gate = upstream.hold_after(40)
    paths = [visitor.start("Tell me about rivers", "demo/plain", **{"p.temperature": "0"}) for _ in range(3)]
    assert gate.reached.wait(PATIENCE)
    (first, _), *_ = runs = here.query(RUNS)
    assert [status for _, status in runs] == ["running", "queued", "queued"]
    near, far = open_page(here, paths[0]), open_page(there, paths[2])
    near.read_until(f'id="run-{first}-')
    far.read_until("before you")
    yield Deploy(gate, paths, near, far)
    gate.release()


class Deploy(NamedTuple):
    gate: Gate
    paths: list[str]
    near: Page
    far: Page


def states(server: Installation) -> list[str]:
    return [status for _, status in server.query(RUNS)]


def sent(upstream: DemoServer, tokens: int) -> str:
    """Repeat the first request and return the beginning of its answer."""
    answer = httpx.post(f"{upstream.base_url}/chat/completions", json=upstream.requests[0].body, timeout=20)
    chunks = [line.removeprefix("data: ") for line in answer.text.split("\n") if line.startswith("data: {")]
    deltas = [choice["delta"].get("content") for chunk in chunks for choice in json.loads(chunk)["choices"]]
    return "".join([delta for delta in deltas if delta][:tokens])


def test_a_server_that_stops_leaves_the_queue_to_the_other(servers, deploy, visitor, upstream):
    here, there = servers

    here.stop()

    assert deploy.near.closed_with() == 1012
    assert states(there)[0] == "interrupted"
    deploy.gate.release()
    deploy.far.read_until('data-status="finished"')
    reloaded = httpx.get(f"{there.origin}{deploy.paths[0]}", cookies=visitor.http.cookies)
    assert "Interrupted" in reloaded.text
    assert states(there) == ["interrupted", "finished", "finished"]
    assert there.query(FIRST_ANSWER) == sent(upstream, 40), (
        "all that had come, not what was stored by the way"
    )
    assert there.query(OPEN_HOLDS) == 0
    assert there.manage("audit_ledger")


@pytest.mark.parametrize("servers", [str(PATIENCE)], indirect=True)
def test_a_server_that_stops_has_time_to_end_its_answers(servers, deploy, open_page):
    """Check that pages follow the answer at the other server meanwhile."""
    here, there = servers

    here.ask_to_stop()

    assert deploy.near.closed_with() == 1012
    moved = open_page(there, deploy.paths[0])
    moved.read_until(f'id="run-{there.query(RUNS)[0][0]}-')
    deploy.gate.release()
    here.wait()
    moved.read_until('data-status="finished"')
    deploy.far.read_until('data-status="finished"')
    assert states(there) == ["finished", "finished", "finished"]
    assert there.query(OPEN_HOLDS) == 0
    assert there.manage("audit_ledger")
