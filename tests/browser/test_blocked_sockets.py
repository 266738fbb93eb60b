"""A page whose websockets are blocked on the way: it asks for the same frames every few seconds."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.browser.choosing import choose_model
from tests.browser.test_streamed_answer import finished, last_answer, send

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import BrowserContext, Locator, Page, Request, WebSocketRoute

    from playground.demo.server import DemoServer

pytestmark = pytest.mark.own_context

SOCKETS = re.compile(r"/ws/")
POLLING = re.compile(r"^Live connection blocked; updating every [25] seconds\.$")


def refuse(socket: WebSocketRoute) -> None:
    socket.close(code=1006)


def pass_nothing_on(socket: WebSocketRoute) -> None:
    """Accept the socket, and never answer."""


def cut_after_a_word(socket: WebSocketRoute) -> None:
    server = socket.connect_to_server()

    def pass_one(message: str | bytes) -> None:
        socket.send(message)
        socket.close()

    server.on_message(pass_one)


class Proxy:
    """A proxy between the browser and the server. It can be mended."""

    def __init__(self, context: BrowserContext, blocks: Callable[[WebSocketRoute], None]) -> None:
        self.blocks: Callable[[WebSocketRoute], None] | None = blocks
        self.polls: list[Request] = []
        self._open = 0
        self.most_open = 0
        context.route_web_socket(SOCKETS, self._join)
        context.on("request", self._count)
        context.on("requestfinished", self._count_end)
        context.on("requestfailed", self._count_end)

    def _join(self, socket: WebSocketRoute) -> None:
        if self.blocks is None:
            socket.connect_to_server()
        else:
            self.blocks(socket)

    def _count(self, request: Request) -> None:
        if "/frames/" in request.url:
            self.polls.append(request)
            self._open += 1
            self.most_open = max(self.most_open, self._open)

    def _count_end(self, request: Request) -> None:
        self._open -= "/frames/" in request.url


def line(page: Page) -> Locator:
    return page.locator(".connection > span:visible")


def begin(page: Page) -> None:
    choose_model(page, "Scripted Demo Plain")
    send(page, "Hello there")
    page.wait_for_url("**/c/**")


def thread_of(page: Page) -> str:
    """Return the HTML of the messages, without the space between them."""
    return re.sub(r">\s+<", "><", page.locator(".thread").inner_html()).strip()


def equals_the_reloaded(page: Page) -> None:
    finished(page)
    before = thread_of(page)
    page.reload()
    assert thread_of(page) == before


def test_everything_works_without_a_socket(page: Page, context: BrowserContext, upstream: DemoServer):
    Proxy(context, refuse)
    gate = upstream.hold_after(12)
    begin(page)
    answer = last_answer(page).locator(".answer")
    expect(answer).not_to_be_empty()
    expect(line(page)).to_have_text(POLLING)
    gate.release()
    equals_the_reloaded(page)

    # The next page of the tab asks at once.
    expect(line(page)).to_have_text(POLLING)
    gate = upstream.hold_after(12)
    send(page, "Tell me about rivers")
    expect(answer.last).not_to_be_empty()
    page.keyboard.press("Escape")
    expect(last_answer(page)).to_have_attribute("data-status", "stopped")
    expect(page.get_by_role("button", name="Send", exact=True)).to_be_visible()

    gate.release()
    page.get_by_role("button", name="Answer again").last.click()
    expect(last_answer(page).locator(".siblings")).to_contain_text("2 / 2")
    equals_the_reloaded(page)


def test_other_pages_and_the_way_back(page: Page, context: BrowserContext):
    proxy = Proxy(context, refuse)
    begin(page)
    expect(line(page)).to_have_text(POLLING)
    finished(page)
    # Another page shows a new title and a new prompt, too.
    beside = context.new_page()
    beside.set_viewport_size({"width": 390, "height": 844})
    beside.goto(page.url)
    page.locator(".title").dblclick()
    page.get_by_label("Title of the conversation").fill("Rivers and hills")
    page.get_by_label("Title of the conversation").press("Enter")
    expect(beside.locator(".title")).to_have_text("Rivers and hills")
    assert beside.title().startswith("Rivers and hills")
    send(page, "One more")
    finished(page)
    expect(beside.locator(".bubble").last).to_have_text("One more")
    equals_the_reloaded(beside)
    beside.close()

    assert proxy.most_open <= 2, "one request of each page at a time"
    assert len(proxy.polls) < 120

    # The socket comes back.
    proxy.blocks = None
    page.evaluate("window.dispatchEvent(new Event('online'))")
    expect(line(page)).to_have_count(0)
    asked = len(proxy.polls)
    send(page, "And now")
    finished(page)
    assert len(proxy.polls) == asked

    # Signed out in another tab: nothing is asked any more.
    proxy.blocks = refuse
    page.reload()
    expect(line(page)).to_have_text(POLLING)
    page.context.clear_cookies()
    expect(line(page)).to_contain_text("You are signed out.")


@pytest.mark.parametrize("blocks", [pass_nothing_on, cut_after_a_word])
def test_an_answer_never_hangs(
    page: Page, context: BrowserContext, upstream: DemoServer, blocks: Callable[[WebSocketRoute], None]
):
    Proxy(context, blocks)
    page.clock.install()
    gate = upstream.hold_after(12)
    begin(page)
    expect(last_answer(page)).to_be_visible()
    # Three tries that bring nothing, and the delays between them.
    for _ in range(6):
        page.clock.fast_forward(7_000)
    expect(last_answer(page).locator(".answer")).not_to_be_empty()
    expect(line(page)).to_have_text(POLLING)
    gate.release()
    equals_the_reloaded(page)


def test_a_socket_that_falls_silent_is_replaced(page: Page, context: BrowserContext, upstream: DemoServer):
    """The connection dies without a word, as behind a router that forgets it."""
    sockets: list[WebSocketRoute] = []
    is_dead = False

    def join(socket: WebSocketRoute) -> None:
        server = socket.connect_to_server()
        number = len(sockets)
        sockets.append(socket)
        server.on_message(lambda message: None if is_dead and number == 0 else socket.send(message))

    context.route_web_socket(SOCKETS, join)
    page.clock.install()
    begin(page)
    finished(page)
    is_dead = True
    gate = upstream.hold_after(5)
    send(page, "Tell me about hills")
    gate.release()
    page.clock.fast_forward(20_000)
    page.clock.fast_forward(10_000)
    finished(page)
    expect(line(page)).to_have_count(0)
    equals_the_reloaded(page)


def test_a_deleted_conversation_ends_the_asking(page: Page, context: BrowserContext):
    proxy = Proxy(context, refuse)
    begin(page)
    finished(page)
    expect(line(page)).to_have_text(POLLING)
    beside = context.new_page()
    beside.goto(page.url)
    beside.get_by_label("More about this conversation").click()
    beside.get_by_role("button", name="Delete", exact=True).click()

    expect(line(page)).to_contain_text("deleted")
    asked = len(proxy.polls)
    page.evaluate("window.dispatchEvent(new Event('online'))")
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    assert len(proxy.polls) == asked
