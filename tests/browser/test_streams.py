"""Interruptions of a page in the middle of an answer: no text is lost or doubled."""

from __future__ import annotations

import random
import re
import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from playground.demo import scenarios
from playground.demo.answers import ScriptedAnswer
from playground.demo.server import shared
from tests.browser.choosing import choose_model
from tests.browser.test_failures import ADD_MODEL
from tests.browser.test_streamed_answer import finished, last_answer, send, stored_text
from tests.browser.wire import Wire
from tests.chat.markdown_corpus import ANSWER
from tests.installation import Installation

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Browser, BrowserContext, Page

    from playground.demo.server import DemoServer
    from playground.demo.stage import Gate

# The installation and, once, the browser are of this module.
pytestmark = pytest.mark.own_context

HELD_AFTER = 125


def _pieces(text: str) -> list[str]:
    """Cut the text at random places."""
    order = random.Random(3)
    cuts = sorted(order.sample(range(1, len(text)), 180))
    return [text[start:end] for start, end in zip([0, *cuts], [*cuts, len(text)], strict=True)]


PIECES = _pieces(ANSWER)
SHOWN_FIRST = "".join(PIECES[:HELD_AFTER])


@pytest.fixture(scope="module")
def wire() -> Iterator[Wire]:
    wire = Wire()
    yield wire
    wire.close()


@pytest.fixture(scope="module")
def installation(
    tmp_path_factory: pytest.TempPathFactory, wire: Wire, prepared: Path
) -> Iterator[Installation]:
    origin = f"http://localhost:{wire.port}"
    installation = Installation(
        tmp_path_factory.mktemp("installation"), PUBLIC_ORIGIN=origin, RUN_LEASE_SECONDS="3"
    )
    # Browsers reach the server only through the wire.
    installation.origin, wire.target = origin, installation.port
    installation.copy(prepared)
    installation.manage("shell", "-v", "0", "-c", ADD_MODEL)
    installation.start()
    yield installation
    installation.stop()


@pytest.fixture
def middle(page: Page, upstream: DemoServer, monkeypatch: pytest.MonkeyPatch) -> Iterator[Gate]:
    """Yield the gate that holds the rest of an answer whose beginning the page shows."""
    monkeypatch.setitem(scenarios.SCENARIOS, "told", lambda reply, _: reply.stream(ScriptedAnswer(PIECES)))
    if page.locator(".picker-current").inner_text() != "Told What To Do":
        choose_model(page, "Told What To Do")
    gate = upstream.hold_after(HELD_AFTER)
    send(page, "Tell me")
    page.wait_for_url("**/c/**")
    at_the_gate(page)
    yield gate
    gate.release()


def is_stored(installation: Installation) -> None:
    """Wait for a checkpoint, because a killed server loses everything after its last one."""
    deadline = time.monotonic() + 60
    while not installation.query("RunChunk.objects.filter(run__status='running').exists()"):
        assert time.monotonic() < deadline


def at_the_gate(page: Page) -> None:
    """Wait until the page shows all that has come so far."""
    expect(last_answer(page).locator(".answer")).to_contain_text("let x =")


def thread_of(page: Page) -> str:
    return page.locator(".thread").inner_html()


def assert_whole(*pages: Page) -> None:
    """Check that each page shows the stored text, also after a reload, and that the upstream wrote it."""
    for page in pages:
        finished(page)
        expect(page.locator(".connection")).to_be_hidden()
    assert stored_text(pages[0]) == ANSWER
    shown = [thread_of(page) for page in pages]
    pages[0].reload()
    assert shown == [thread_of(pages[0])] * len(pages)


def until_written(upstream: DemoServer) -> None:
    """Wait until the upstream has written the whole answer."""
    assert upstream.requests[-1].ended.wait(30)


# --- what happens in the middle ---


def nothing(page: Page, gate: Gate, wire: Wire) -> None:
    gate.release()


def cut_and_mended(page: Page, gate: Gate, wire: Wire) -> None:
    wire.cut()
    expect(page.locator(".connection")).to_contain_text("Connection lost")
    wire.mend()
    expect(page.locator(".connection")).to_be_hidden()
    gate.release()


def cut_until_after_the_end(page: Page, gate: Gate, wire: Wire) -> None:
    wire.cut()
    gate.release()
    until_written(shared())
    expect(page.locator(".connection")).to_contain_text("Connection lost")
    wire.mend()


def cut_again_and_again(page: Page, gate: Gate, wire: Wire) -> None:
    gate.release()
    for _ in range(4):
        wire.cut()
        page.wait_for_timeout(50)
        wire.mend()
        page.wait_for_timeout(200)


def offline_and_online(page: Page, gate: Gate, wire: Wire) -> None:
    page.context.set_offline(True)
    expect(page.locator(".connection")).to_contain_text("Connection lost")
    gate.release()
    until_written(shared())
    page.context.set_offline(False)


def hidden(page: Page, gate: Gate, wire: Wire) -> None:
    """Hide the page, as a tab in the background, where it paints nothing."""
    _set_hidden(page, is_hidden=True)
    gate.release()
    finished(page)
    _set_hidden(page, is_hidden=False)


def _set_hidden(page: Page, *, is_hidden: bool) -> None:
    page.evaluate(
        """isHidden => {
          Object.defineProperty(document, "hidden", { value: isHidden, configurable: true });
          // What paints nothing has no animation frames.
          if (isHidden) [window.kept, window.requestAnimationFrame] = [requestAnimationFrame, () => 1];
          else window.requestAnimationFrame = window.kept;
          document.dispatchEvent(new Event("visibilitychange"));
        }""",
        is_hidden,
    )


def frozen(page: Page, gate: Gate, wire: Wire) -> None:
    """Freeze the page, as a closed laptop does: timers stop and the socket may be gone afterwards."""
    session = page.context.new_cdp_session(page)
    session.send("Page.setWebLifecycleState", {"state": "frozen"})
    gate.release()
    until_written(shared())
    wire.cut()
    wire.mend()
    session.send("Page.setWebLifecycleState", {"state": "active"})
    session.detach()


def reloaded(page: Page, gate: Gate, wire: Wire) -> None:
    page.reload()
    at_the_gate(page)
    gate.release()


def away_and_back(page: Page, gate: Gate, wire: Wire) -> None:
    page.goto("/sign-in/")
    gate.release()
    page.go_back()


def from_the_cache(page: Page, gate: Gate, wire: Wire) -> None:
    """Leave the page and come back to it from the browser's back-forward cache."""
    page.evaluate("""() => {
      window.addEventListener("pageshow", (event) => {
        window.isFromCache = event.persisted;
      });
    }""")
    page.goto("/sign-in/")
    gate.release()
    until_written(shared())
    # A page from the cache loads nothing, so the test waits for the page itself.
    page.go_back(wait_until="commit")
    page.wait_for_function("() => window.isFromCache")


@pytest.mark.parametrize(
    "happens",
    [
        nothing,
        cut_and_mended,
        cut_until_after_the_end,
        cut_again_and_again,
        offline_and_online,
        hidden,
        frozen,
        reloaded,
        away_and_back,
    ],
)
def test_nothing_is_lost_or_doubled(
    middle: Gate, page: Page, wire: Wire, happens: Callable[[Page, Gate, Wire], None]
):
    happens(page, middle, wire)

    assert_whole(page)


class TestWithTheCacheOfTheBrowser:
    @pytest.fixture
    def browser(self, whole_browser: Browser) -> Browser:
        return whole_browser

    def test_a_page_that_comes_back_from_it_lacks_nothing(self, middle: Gate, page: Page, wire: Wire):
        from_the_cache(page, middle, wire)

        assert_whole(page)


def test_pages_side_by_side_show_the_same(middle: Gate, page: Page, context: BrowserContext):
    beside = context.new_page()
    beside.goto(page.url)
    at_the_gate(beside)
    with context.expect_page() as opened:
        page.evaluate("window.open(location.href)")
    duplicate = opened.value
    at_the_gate(duplicate)
    middle.release()
    finished(page)
    late = context.new_page()
    late.goto(page.url)

    assert_whole(page, beside, duplicate, late)


def test_blocks_that_are_finished_are_never_touched_again(middle: Gate, page: Page):
    blocks = last_answer(page).locator(".answer > .markdown:first-child > *")
    kept = blocks.count()
    assert kept > 3
    blocks.evaluate_all("blocks => { window.kept = blocks; }")
    middle.release()
    finished(page)

    still = blocks.evaluate_all("blocks => kept.filter((block, place) => block === blocks[place]).length")

    assert still == kept
    assert_whole(page)


def test_an_end_is_announced(middle: Gate, page: Page):
    middle.release()
    finished(page)

    expect(page.locator("#announcer")).to_have_text("The answer is finished.")


@pytest.mark.parametrize("how", ["stop", "kill"])
def test_a_server_that_restarts_leaves_what_came(
    middle: Gate, page: Page, installation: Installation, how: str
):
    if how == "kill":
        is_stored(installation)
    getattr(installation, how)()
    expect(page.locator(".connection")).to_contain_text("Connection lost")
    assert "A token bucket" in last_answer(page).inner_text()
    installation.start()

    expect(last_answer(page)).to_have_attribute(
        "data-status", re.compile("interrupted|stopped"), timeout=60_000
    )
    expect(page.locator(".connection")).to_be_hidden()
    text = stored_text(page)
    assert text
    assert SHOWN_FIRST.startswith(text)
    shown = thread_of(page)
    page.reload()
    assert thread_of(page) == shown
