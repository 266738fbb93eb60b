"""The end of an answer in a hidden tab: the title of the tab tells, and a notification if it is wanted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

from tests.browser.choosing import choose_model
from tests.browser.test_accessibility import violations
from tests.browser.test_streamed_answer import last_answer, send

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Locator, Page

pytestmark = pytest.mark.own_context

# A browser without a desktop shows no notifications. These are kept, and the session storage has the answer
# of the person who is asked.
STUB = """
if (location.protocol !== "about:") {
  window.made = [];
  window.asked = 0;
  let permission = sessionStorage.getItem("permission") || "default";
  window.Notification = class extends EventTarget {
    static get permission() { return permission; }
    static async requestPermission() {
      window.asked += 1;
      permission = sessionStorage.getItem("answer") || "granted";
      sessionStorage.setItem("permission", permission);
      return permission;
    }
    constructor(title, { body, tag }) {
      super();
      if (sessionStorage.getItem("throws")) throw new TypeError("Illegal constructor");
      Object.assign(this, { title, body, tag, isClosed: false });
      window.made.push(this);
    }
    close() { this.isClosed = true; }
  };
}
"""
HIDE = """(isHidden) => {
  Object.defineProperty(document, "hidden", { configurable: true, get: () => isHidden });
  const state = isHidden ? "hidden" : "visible";
  Object.defineProperty(document, "visibilityState", { configurable: true, get: () => state });
  document.dispatchEvent(new Event("visibilitychange"));
}"""


@pytest.fixture
def chat(context: BrowserContext, page: Page) -> Page:
    """A new chat whose notifications are kept."""
    context.add_init_script(STUB)
    page.reload()
    choose_model(page, "Scripted Demo Plain")
    return page


def hide(page: Page, *, is_hidden: bool = True) -> None:
    page.evaluate(HIDE, is_hidden)


def made(page: Page) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = page.evaluate(
        "window.made.map(({ title, body, tag, isClosed }) => ({ title, body, tag, isClosed }))"
    )
    return found


def switch(page: Page) -> Locator:
    return page.get_by_role("switch", name="Tell me when an answer ends")


def open_menu(page: Page) -> None:
    menu = page.locator(".account-menu")
    if menu.get_attribute("open") is None:
        menu.locator("summary").click()


def ask_in_a_hidden_tab(page: Page, upstream: Any, text: str) -> None:
    """Send a prompt whose answer ends after the tab was hidden."""
    gate = upstream.hold_after(1)
    send(page, text)
    page.wait_for_url("**/c/**")
    expect(page.locator("[data-run]")).to_have_count(1)
    hide(page)
    gate.release()


def page_run(page: Page) -> str:
    return str(last_answer(page).get_attribute("data-answer"))


def test_the_title_says_so_until_the_tab_is_looked_at(chat: Page, upstream):
    ask_in_a_hidden_tab(chat, upstream, "Explain tides")
    expect(chat).to_have_title("✓ Explain tides · Playground")
    # The switch is off, so nothing else happens.
    assert made(chat) == []
    assert chat.evaluate("window.asked") == 0
    # A title that changes meanwhile keeps the mark.
    other = chat.context.new_page()
    other.goto(chat.url)
    other.get_by_label("More about this conversation").click()
    other.get_by_role("button", name="Rename").click()
    other.get_by_label("Title of the conversation").fill("Moon")
    other.keyboard.press("Enter")
    expect(chat).to_have_title("✓ Moon · Playground")
    hide(chat, is_hidden=False)
    expect(chat).to_have_title("Moon · Playground")
    # In a tab that is looked at, the answer itself says it.
    send(chat, "And the sun?")
    expect(last_answer(chat)).to_have_attribute("data-status", "finished")
    expect(chat).to_have_title("Moon · Playground")


@pytest.mark.parametrize("width", [1440, 390])
def test_a_switch_asks_once_and_notifications_name_the_conversation(chat: Page, upstream, width):
    chat.set_viewport_size({"width": width, "height": 844})
    if width == 390:
        chat.get_by_role("button", name="Conversations", exact=True).click()
    # The keyboard alone.
    chat.locator(".account-menu > summary").focus()
    chat.keyboard.press("Enter")
    expect(switch(chat)).not_to_be_checked()
    switch(chat).focus()
    chat.keyboard.press("Space")
    expect(switch(chat)).to_be_checked()
    assert chat.evaluate("window.asked") == 1
    assert violations(chat) == []
    chat.keyboard.press("Escape")
    if width == 390:
        chat.keyboard.press("Escape")
        chat.mouse.click(380, 400)

    ask_in_a_hidden_tab(chat, upstream, "Explain <b>tides</b> to my cat")
    expect(chat).to_have_title("✓ Explain <b>tides</b> to my cat · Playground")
    (notice,) = made(chat)
    assert notice["title"] == "Explain <b>tides</b> to my cat"
    assert notice["body"] == "The answer is finished."
    assert notice["tag"] == page_run(chat), "every tab gives the same tag, so one notification is shown"
    # A click leads to the tab.
    chat.evaluate("window.focus = () => { window.wasFocused = true }")
    chat.evaluate("window.made[0].dispatchEvent(new Event('click'))")
    assert chat.evaluate("window.wasFocused") is True
    assert made(chat)[0]["isClosed"]

    hide(chat, is_hidden=False)
    chat.reload()
    open_menu_of(chat, width)
    expect(switch(chat)).to_be_checked()
    switch(chat).click()
    expect(switch(chat)).not_to_be_checked()
    chat.reload()
    assert chat.evaluate("window.asked") == 0


def open_menu_of(page: Page, width: int) -> None:
    if width == 390:
        page.get_by_role("button", name="Conversations", exact=True).click()
    open_menu(page)


def test_an_answer_that_breaks_off_and_one_that_was_stopped(chat: Page, upstream):
    open_menu(chat)
    switch(chat).click()
    expect(switch(chat)).to_be_checked()
    chat.keyboard.press("Escape")
    choose_model(chat, "Scripted Demo Failing")
    ask_in_a_hidden_tab(chat, upstream, "Cut the connection half-way.")
    expect(chat).to_have_title("! Cut the connection half-way. · Playground")
    assert made(chat)[0]["body"] == "The answer could not be finished."
    hide(chat, is_hidden=False)
    assert made(chat)[0]["isClosed"], "who looks at the tab needs no notification any more"

    choose_model(chat, "Scripted Demo Plain")
    upstream.hold_after(1)
    send(chat, "Explain tides")
    hide(chat)
    chat.get_by_role("button", name="Stop").click()
    expect(last_answer(chat)).to_have_attribute("data-status", "stopped")
    assert len(made(chat)) == 1
    expect(chat).to_have_title("Cut the connection half-way. · Playground")


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ("denied", "Your browser blocks notifications of this site."),
        ("default", "You didn't allow notifications."),
    ],
)
def test_a_refusal_is_said_at_the_switch(chat: Page, answer, words):
    chat.evaluate("answer => sessionStorage.setItem('answer', answer)", answer)
    open_menu(chat)
    switch(chat).click()
    expect(chat.locator("#notices-hint")).to_contain_text(words)
    expect(switch(chat)).not_to_be_checked()
    expect(switch(chat)).to_have_accessible_description(chat.locator("#notices-hint").inner_text())
    assert violations(chat) == []
    # The browser may be asked again.
    chat.evaluate("sessionStorage.setItem('answer', 'granted')")
    switch(chat).click()
    expect(switch(chat)).to_be_checked()
    expect(chat.locator("#notices-hint")).to_be_empty()


@pytest.mark.parametrize(
    ("script", "words"),
    [
        ("delete window.Notification", "This browser can't show notifications."),
        (
            "Object.defineProperty(window, 'isSecureContext', { get: () => false })",
            "Notifications need https",
        ),
    ],
)
def test_where_there_can_be_none_the_switch_says_so(context: BrowserContext, page: Page, script, words):
    context.add_init_script(script)
    page.reload()
    open_menu(page)
    expect(switch(page)).to_be_disabled()
    expect(page.locator("#notices-hint")).to_contain_text(words)


def test_a_browser_that_refuses_to_make_one_is_remembered(chat: Page, upstream):
    """Chromium on Android has the constructor, and it throws."""
    open_menu(chat)
    switch(chat).click()
    expect(switch(chat)).to_be_checked()
    chat.keyboard.press("Escape")
    chat.evaluate("sessionStorage.setItem('throws', 'yes')")
    ask_in_a_hidden_tab(chat, upstream, "Explain tides")
    expect(chat).to_have_title("✓ Explain tides · Playground")
    hide(chat, is_hidden=False)
    open_menu(chat)
    expect(switch(chat)).to_be_disabled()
    expect(chat.locator("#notices-hint")).to_contain_text("This browser can't show notifications.")


class TestInAWholeBrowser:
    @pytest.fixture
    def browser(self, whole_browser: Browser) -> Browser:
        return whole_browser

    def test_the_browser_itself_grants_and_shows(self, context: BrowserContext, page: Page, upstream):
        """Chromium's own interface, whose permission is given beforehand."""
        context.grant_permissions(["notifications"])
        page.reload()
        choose_model(page, "Scripted Demo Plain")
        if page.evaluate("Notification.permission") != "granted":
            pytest.skip("This Chromium has no notifications without a desktop.")
        open_menu(page)
        switch(page).click()
        expect(switch(page)).to_be_checked()
        page.keyboard.press("Escape")
        ask_in_a_hidden_tab(page, upstream, "Explain tides")
        expect(page).to_have_title("✓ Explain tides · Playground")
        hide(page, is_hidden=False)
        open_menu(page)
        expect(switch(page)).to_be_enabled()
