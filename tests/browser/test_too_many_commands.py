"""A page whose socket the server closes because too many commands came."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from chat.live.inbound import TOO_MANY
from tests.browser.test_streamed_answer import send

if TYPE_CHECKING:
    from playwright.sync_api import Page, WebSocketRoute


@pytest.mark.own_context
def test_it_says_so_waits_and_comes_back(page: Page):
    opened = []

    def refuse_the_first(socket: WebSocketRoute) -> None:
        opened.append(socket)
        if len(opened) == 1:
            socket.close(code=TOO_MANY)
        else:
            socket.connect_to_server()

    page.route_web_socket("**/ws/**", refuse_the_first)
    page.clock.install()
    send(page, "Hello")

    notice = page.get_by_text("Your open pages sent too many messages.")
    expect(notice).to_be_visible()
    # Nothing makes it hurry, such as another look at the page.
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    page.clock.fast_forward(10_000)
    expect(notice).to_be_visible()
    assert len(opened) == 1

    page.clock.fast_forward(20_000)

    expect(notice).to_be_hidden()
    expect(page.locator(".message.assistant").last).to_have_attribute("data-status", "finished")
    assert len(opened) == 2
