"""The list of conversations: its end, the menu of a row, and taking a deletion back."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.browser.test_accessibility import violations

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Locator, Page

    from tests.installation import Installation

PORTION = 50
LONG = "Donaudampfschifffahrt" * 5
# Older than what other tests make, so that these are in one piece.
MAKE = (
    "[Conversation.objects.create(workspace=Workspace.objects.get(slug='acme-research'),"
    " owner=User.objects.get(email='alice@example.org'), title=title, folded_title=title.lower(),"
    " updated_at=__import__('datetime').datetime(2020, 5, 1, tzinfo=__import__('datetime').UTC)"
    " - __import__('datetime').timedelta(days=place)) and title for place, title in enumerate(%r)]"
)
HANDS = pytest.mark.parametrize(("width", "by_keyboard"), [(1440, True), (390, False)], ids=["wide", "phone"])
WIDTHS = pytest.mark.parametrize("width", [1440, 390])


@pytest.fixture
def listed(page: Page, installation: Installation, request: pytest.FixtureRequest) -> Iterator[Page]:
    """Return a page whose list has a number of further rows: "Row 0", "Row 1" and so on."""
    installation.query(MAKE % [f"Row {number}" for number in range(request.param)])
    page.reload()
    yield page
    installation.query("Conversation.with_deleted.filter(title__contains='Row ').delete() and 0")


def row(page: Page, title: str) -> Locator:
    return page.locator(".sidebar-item").filter(has=page.get_by_text(title, exact=True))


def list_of(page: Page) -> Locator:
    return page.locator("#sidebar-list")


def show_sidebar(page: Page, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    if width < 760:
        page.locator(".bar [data-pane=sidebar]").click()


def find(page: Page, title: str) -> None:
    """Leave only the rows with that title in the list."""
    page.get_by_label("Search conversations").fill(title)
    expect(page.locator("#announcer")).to_contain_text("found")


def choose(page: Page, title: str, action: str, *, by_keyboard: bool = False) -> None:
    button = row(page, title).get_by_role("button", name=f"Actions for {title}")
    item = page.get_by_role("menuitem", name=action, exact=True)
    if not by_keyboard:
        button.hover()
        button.click()
        item.click()
        return
    button.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("menuitem").first).to_be_focused()
    # The arrows go round.
    page.keyboard.press("ArrowUp")
    expect(page.get_by_role("menuitem").last).to_be_focused()
    for _ in range(page.get_by_role("menuitem").count()):
        page.keyboard.press("ArrowDown")
        if item.evaluate("item => item === document.activeElement"):
            break
    expect(item).to_be_focused()
    page.keyboard.press("Enter")


@pytest.mark.parametrize("listed", [170], indirect=True)
def test_the_list_goes_on_at_its_end_and_keeps_its_place(listed: Page):
    rows, bar = listed.locator(".sidebar-row"), list_of(listed)
    expect(rows).to_have_count(PORTION)
    bar.evaluate("list => { list.scrollTop = list.scrollHeight; }")
    expect(rows).to_have_count(2 * PORTION)
    # The keyboard gets there too, and goes on with the first new row.
    rows.last.locator("xpath=..").get_by_role("button").focus()
    listed.keyboard.press("Tab")
    expect(rows).to_have_count(3 * PORTION)
    expect(rows.nth(2 * PORTION)).to_be_focused()
    headings = listed.locator(".sidebar-heading").all_text_contents()
    assert len(headings) == len(set(headings))

    # A change brings the list up to date where it is.
    rows.nth(110).hover()
    place, title = rows.nth(110).bounding_box(), rows.nth(110).locator(".row-title").inner_text()
    with listed.expect_response(lambda response: "shown=" in response.url):
        choose(listed, title, "Rename")
        listed.keyboard.insert_text(f"{title} renamed")
        listed.keyboard.press("Enter")
    expect(row(listed, f"{title} renamed")).to_be_visible()
    expect(rows).to_have_count(3 * PORTION)
    moved = rows.nth(110).bounding_box()
    assert place and moved and abs(place["y"] - moved["y"]) < 40


@pytest.mark.parametrize("listed", [130], indirect=True)
def test_a_search_goes_on_too(listed: Page):
    listed.get_by_label("Search conversations").fill("row")
    expect(listed.locator("#announcer")).to_have_text("More than 50 conversations found.")
    list_of(listed).evaluate("list => { list.scrollTop = list.scrollHeight; }")
    expect(listed.locator(".sidebar-row")).to_have_count(100)
    list_of(listed).evaluate("list => { list.scrollTop = list.scrollHeight; }")
    expect(listed.locator(".sidebar-row")).to_have_count(130)
    expect(listed.get_by_role("button", name="Show more")).to_have_count(0)


@HANDS
@pytest.mark.parametrize("listed", [3], indirect=True)
def test_the_menu_of_a_row(listed: Page, width: int, by_keyboard: bool):
    show_sidebar(listed, width)
    find(listed, "Row ")
    choose(listed, "Row 1", "Rename", by_keyboard=by_keyboard)
    box = listed.get_by_label("Title of the conversation")
    expect(box).to_be_focused()
    listed.keyboard.insert_text("never")
    listed.keyboard.press("Escape")
    expect(row(listed, "Row 1")).to_be_visible()
    expect(row(listed, "Row 1").get_by_role("button")).to_be_focused()
    choose(listed, "Row 1", "Rename", by_keyboard=by_keyboard)
    listed.keyboard.insert_text(f"Row {LONG}"[:120])
    listed.keyboard.press("Enter")
    renamed = listed.locator(".sidebar-item", has_text="Donaudampf")
    expect(renamed.get_by_role("button")).to_have_accessible_name(f"Actions for Row {LONG}"[: 120 + 12])
    # The whole title, where there is no room for it.
    renamed.locator(".row-title").hover()
    expect(renamed.locator(".row-title")).to_have_attribute("title", f"Row {LONG}"[:120])

    choose(listed, "Row 2", "Archive", by_keyboard=by_keyboard)
    expect(row(listed, "Row 2")).to_contain_text("Archived")
    listed.get_by_label("Search conversations").fill("")
    expect(row(listed, "Row 2")).to_have_count(0)
    choose(listed, "Row 0", "Pin", by_keyboard=by_keyboard)
    expect(listed.locator(".sidebar-heading").first).to_have_text("Pinned")
    expect(listed.locator("[data-pinned]")).to_contain_text("Row 0")

    listed.locator(".workspace-menu > summary").click()
    listed.get_by_role("button", name="Archived conversations").click()
    choose(listed, "Row 2", "Unarchive", by_keyboard=by_keyboard)
    expect(listed.get_by_text("Nothing is archived.")).to_be_visible()
    listed.get_by_role("button", name="All conversations").click()
    expect(row(listed, "Row 2")).to_be_visible()
    assert violations(listed) == []


@WIDTHS
@pytest.mark.parametrize("listed", [1], indirect=True)
def test_escape_closes_the_menu_alone_and_nothing_cuts_it_off(listed: Page, width: int):
    show_sidebar(listed, width)
    find(listed, "Row 0")
    # The row is at the lower end of what is in sight.
    list_of(listed).evaluate("list => { list.style.paddingTop = `${list.clientHeight - 40}px`; }")
    button = row(listed, "Row 0").get_by_role("button")
    button.focus()
    expect(button).to_have_css("opacity", "1")
    listed.keyboard.press("Enter")
    menu = listed.get_by_role("menu")
    expect(menu).to_be_visible()
    box, size = menu.bounding_box(), listed.viewport_size
    assert box and size and box["y"] >= 0 and box["y"] + box["height"] <= size["height"]
    assert box["x"] >= 0 and box["x"] + box["width"] <= size["width"]
    assert violations(listed) == []
    listed.keyboard.press("Escape")
    expect(menu).to_be_hidden()
    expect(button).to_be_focused()
    # A second click on the button closes it too.
    button.click()
    expect(menu).to_be_visible()
    button.click()
    expect(menu).to_be_hidden()


@HANDS
@pytest.mark.own_context  # Its clock is that of all pages.
@pytest.mark.parametrize("listed", [2], indirect=True)
def test_a_deletion_can_be_undone_for_ten_seconds(listed: Page, width: int, by_keyboard: bool):
    listed.clock.install()
    listed.reload()
    show_sidebar(listed, width)
    find(listed, "Row ")
    toast, undo = listed.locator("[data-toast]"), listed.get_by_role("button", name="Undo")
    choose(listed, "Row 1", "Delete", by_keyboard=by_keyboard)
    expect(row(listed, "Row 1")).to_have_count(0)
    expect(toast).to_contain_text("“Row 1” was deleted.")
    expect(listed.locator("#announcer")).to_contain_text("You can undo this for ten seconds.")
    assert violations(listed) == []
    if by_keyboard:
        expect(undo).to_be_focused()
    else:
        undo.hover()
    # It waits for who is about to use it.
    listed.clock.fast_forward(60_000)
    expect(toast).to_be_visible()
    if by_keyboard:
        listed.keyboard.press("Enter")
    else:
        undo.click()
    expect(row(listed, "Row 1")).to_be_visible()
    expect(toast).to_have_count(0)

    choose(listed, "Row 0", "Delete", by_keyboard=by_keyboard)
    expect(toast).to_be_visible()
    if by_keyboard:
        listed.keyboard.press("Escape")
    else:
        listed.mouse.move(5, 890)
        listed.clock.fast_forward(11_000)
    expect(toast).to_have_count(0)
    expect(row(listed, "Row 0")).to_have_count(0)


@pytest.mark.parametrize("listed", [2], indirect=True)
def test_the_open_conversation_is_deleted_while_others_look_at_it(listed: Page, installation):
    find(listed, "Row 0")
    row(listed, "Row 0").get_by_role("link").click()
    listed.wait_for_url("**/c/**")
    address = listed.url
    other = listed.context.new_page()
    other.goto(address)
    expect(other.locator(".title")).to_have_text("Row 0")
    listed.get_by_label("More about this conversation").press("Enter")
    listed.get_by_role("button", name="Delete", exact=True).press("Enter")
    listed.wait_for_url("**/w/acme-research/")
    toast, undo = listed.locator("[data-toast]"), listed.get_by_role("button", name="Undo")
    expect(toast).to_contain_text("“Row 0” was deleted.")
    expect(other.get_by_text("This conversation was deleted.")).to_be_visible()
    # From the prompt, Tab leads to the button before it leads to the parameters.
    listed.get_by_label("Prompt", exact=True).focus()
    for _ in range(4):
        listed.keyboard.press("Tab")
        if undo.evaluate("button => button === document.activeElement"):
            break
    expect(undo).to_be_focused()
    listed.keyboard.press("Enter")
    listed.wait_for_url(address)
    other.reload()
    expect(other.locator(".title")).to_have_text("Row 0")
    other.close()

    # Another page still lists what is gone by now, and its Undo comes too late.
    listed.goto("/w/acme-research/")
    find(listed, "Row ")
    choose(listed, "Row 1", "Delete")
    expect(toast).to_be_visible()
    expect(row(listed, "Row 1")).to_have_count(0)
    installation.query("Conversation.with_deleted.filter(title='Row 1').delete() and 0")
    undo.click()
    expect(toast).to_contain_text("It is too late to undo this")
    installation.query("Conversation.with_deleted.filter(title='Row 0').delete() and 0")
    row(listed, "Row 0").get_by_role("button").click()
    expect(toast.last).to_contain_text(re.compile("was deleted, or you may no longer"))
    expect(listed.get_by_text("Nothing found for")).to_be_visible()


def test_the_header_pins_and_archives(page: Page, installation: Installation):
    installation.query(MAKE % ["Row of the header"])
    find(page, "Row of the header")
    row(page, "Row of the header").get_by_role("link").click()
    page.wait_for_url("**/c/**")
    for action, shown in (("Pin", "Unpin"), ("Archive", "Unarchive")):
        page.get_by_label("More about this conversation").click()
        with page.expect_response("**/place/"):
            page.get_by_role("button", name=action, exact=True).click()
        expect(page.locator(".htmx-request")).to_have_count(0)
        page.get_by_label("More about this conversation").click()
        expect(page.locator(".more").get_by_role("button", name=shown, exact=True)).to_be_visible()
        page.keyboard.press("Escape")
    notice = page.get_by_text("You archived this conversation.")
    expect(notice).to_be_visible()
    page.locator(".placement").get_by_role("button", name="Unarchive").click()
    expect(notice).to_have_count(0)
    installation.query("Conversation.objects.filter(title='Row of the header').delete() and 0")
