"""A long conversation: its end shows at once, and older messages load without moving the page."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from chat.pages.messages import PIECE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Page, Route

    from tests.installation import Installation

MESSAGES = 2 * PIECE + 20
_MAKE = """
from accounts.models import Membership
from chat.models import Conversation, Message
member = Membership.objects.earliest("pk")
made = Conversation.objects.create(workspace=member.workspace, owner=member.user, title="Long")
head = None
for number in range(%d):
    text = f"Message {number}, of some length. " * 12
    head = Message.objects.create(
        conversation=made, parent=head, role=Message.Role.USER, text=text, author=member.user
    )
made.head = head
made.save()
print(made.code)
"""


@pytest.fixture(scope="module")
def address(installation: Installation) -> str:
    return f"/c/{installation.manage('shell', '-v', '0', '-c', _MAKE % MESSAGES).split()[-1]}/"


@pytest.fixture
def held(page: Page) -> Iterator[Callable[[], None]]:
    """Hold back earlier messages until the test releases them."""
    waiting: list[Route] | None = []

    def handle(route: Route) -> None:
        if waiting is None:
            route.continue_()
        else:
            waiting.append(route)

    def let_go() -> None:
        nonlocal waiting
        routes, waiting = waiting or [], None
        for route in routes:
            route.continue_()

    page.route("**/earlier/", handle)
    yield let_go
    page.unroute_all(behavior="ignoreErrors")


def top_of(page: Page, message: int) -> float:
    place = page.locator(".message").nth(message)
    return float(place.evaluate("message => message.getBoundingClientRect().top"))


def from_end(page: Page) -> float:
    scroller = page.locator(".scroller")
    return float(scroller.evaluate("s => s.scrollHeight - s.scrollTop - s.clientHeight"))


def test_the_end_is_there_first_and_the_rest_comes(page: Page, address: str, held):
    page.goto(address)
    expect(page.locator(".message")).to_have_count(PIECE)
    expect(page.get_by_text(f"Message {MESSAGES - 1},").first).to_be_in_viewport()
    held()
    expect(page.locator(".message")).to_have_count(MESSAGES)
    expect(page.locator(".earlier")).to_have_count(0)
    shown = page.locator(".bubble").evaluate_all(
        "all => all.map(each => parseInt(each.textContent.slice(8)))"
    )
    assert shown == list(range(MESSAGES))
    # The test did not scroll.
    assert from_end(page) < 2


def test_what_is_read_stays_where_it_is(page: Page, address: str, held):
    page.goto(address)
    expect(page.locator(".message")).to_have_count(PIECE)
    page.locator(".scroller").hover()
    page.mouse.wheel(0, -3000)
    expect(page.locator("[data-to-end]")).to_be_visible()
    read = page.locator(".message").evaluate_all(
        "all => all.find(each => each.getBoundingClientRect().top > 100).id"
    )
    place = page.locator(f"#{read}")
    before = place.evaluate("message => message.getBoundingClientRect().top")
    held()
    expect(page.locator(".message")).to_have_count(MESSAGES)
    after = place.evaluate("message => message.getBoundingClientRect().top")
    assert abs(after - before) <= 2


def test_text_that_arrives_does_not_pull_back_who_scrolls_up(page: Page, address: str):
    page.goto(address)
    expect(page.locator(".message")).to_have_count(MESSAGES)
    # The text comes after the scroll and before its event.
    scrolled = page.locator(".scroller").evaluate("""scroller => {
      scroller.scrollTop -= 500;
      const before = scroller.scrollTop;
      scroller.closest("[data-thread]").dispatchEvent(new CustomEvent("live:grew"));
      return [before, scroller.scrollTop];
    }""")
    assert scrolled[0] == scrolled[1]
    expect(page.locator("[data-to-end]")).to_be_visible()


def test_at_the_very_top_nothing_jumps_either(page: Page, address: str, held):
    page.goto(address)
    expect(page.locator(".message")).to_have_count(PIECE)
    page.locator(".scroller").focus()
    page.keyboard.press("Home")
    expect(page.get_by_role("button", name="Loading earlier messages")).to_be_in_viewport()
    first = page.locator(".message").first.get_attribute("id")
    before = top_of(page, 0)
    held()
    expect(page.locator(".message")).to_have_count(MESSAGES)
    after = page.locator(f"#{first}").evaluate("message => message.getBoundingClientRect().top")
    # The notice that they are loading is gone.
    assert abs(after - before) <= 60


def test_an_address_may_name_a_message_that_comes_later(page: Page, address: str, held):
    held()
    page.goto(address)
    expect(page.locator(".message")).to_have_count(MESSAGES)
    early = page.locator(".message").nth(5).get_attribute("id")
    page.goto("about:blank")
    page.goto(f"{address}#{early}")
    expect(page.locator(".message")).to_have_count(MESSAGES)
    expect(page.locator(f"#{early}")).to_be_in_viewport()


@pytest.mark.parametrize("width", [1440, 390])
def test_only_its_panes_scroll(page: Page, address: str, held, width: int):
    held()
    page.set_viewport_size({"width": width, "height": 844})
    page.goto(address)
    expect(page.locator(".message")).to_have_count(MESSAGES)
    page.locator(".message").first.evaluate("message => message.scrollIntoView()")
    assert page.evaluate("[document.scrollingElement.scrollHeight, scrollY]") == [844, 0]
    expect(page.locator(".transcript > .bar")).to_be_in_viewport()
