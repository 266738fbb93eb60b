"""An admin makes a group, fills it and empties it: with the mouse and by keyboard, wide and on a phone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.browser.pressing import press
from tests.browser.test_accessibility import violations_in_both

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Page

_LONG = "A group whose name is as long as a name of a group may be"


@pytest.fixture
def people(installation) -> Iterator[None]:
    installation.query(
        "[Membership.objects.create(workspace=Workspace.objects.get(), user=User.objects.create_user("
        "f'many{n:02}@example.org', name=f'Zoë {n:02}')).pk for n in range(20)]"
    )
    yield
    installation.query(
        "[User.objects.filter(name__startswith='Zo').delete()[0], Group.objects.all().delete()[0]]"
    )


@pytest.mark.usefixtures("people")
@pytest.mark.parametrize("by_keyboard", [False, True], ids=["mouse", "keyboard"])
@pytest.mark.parametrize("width", [1440, 390])
def test_an_admin_fills_a_group(page: Page, installation, width, by_keyboard):
    page.set_viewport_size({"width": width, "height": 844})
    page.goto("/w/acme-research/people/")
    press(page.get_by_role("link", name="Groups"), by_keyboard=by_keyboard)
    expect(page.locator("#groups-found")).to_contain_text("There are no groups.")
    assert violations_in_both(page) == []

    page.get_by_label("Name").fill(_LONG)
    press(page.get_by_role("button", name="Create group"), by_keyboard=by_keyboard)
    expect(page.get_by_role("heading", level=1)).to_have_text(_LONG)
    expect(page.locator("#members-found")).to_contain_text("Nobody is in this group yet.")
    assert violations_in_both(page) == []

    search = page.get_by_role("searchbox", name="Find a person to add")
    search.fill("zoe 07")
    add = page.get_by_role("button", name="Add Zoë 07")
    expect(page.locator("#people-to-add li")).to_have_count(1)
    press(add, by_keyboard=by_keyboard)
    expect(page.locator(".found-said")).to_have_text(f"Added Zoë 07 to {_LONG}.")
    # The next name can be typed at once.
    expect(search).to_be_focused()
    expect(search).to_have_value("")
    page.keyboard.type("many1")
    press(page.get_by_role("button", name="Add all 10 found"), by_keyboard=by_keyboard)
    expect(page.locator(".found-said")).to_have_text(f"Added 10 people to {_LONG}.")
    expect(page.locator(".found-count")).to_have_text("11 members")
    assert violations_in_both(page) == []

    # The row that follows the removed one has the focus.
    press(page.get_by_role("button", name="Remove Zoë 10"), by_keyboard=by_keyboard)
    expect(page.locator(".found-said")).to_have_text(f"Removed Zoë 10 from {_LONG}.")
    expect(page.get_by_role("button", name="Remove Zoë 11")).to_be_focused()
    page.get_by_role("searchbox", name="Find a member").fill("zoe 19")
    expect(page.locator(".found-count")).to_contain_text("1 member")
    press(page.get_by_role("button", name="Remove Zoë 19"), by_keyboard=by_keyboard)
    expect(page.locator(".found-said")).to_have_text(f"Removed Zoë 19 from {_LONG}.")
    assert installation.query("[one.user.name for one in Group.objects.get().members.order_by('pk')]") == [
        "Zoë 07",
        *(f"Zoë {number}" for number in range(11, 19)),
    ]

    page.goto("/w/acme-research/people/?q=many11")
    expect(page.locator("#members-found")).to_contain_text(f"Group: {_LONG}")


@pytest.mark.usefixtures("people")
def test_a_name_is_refused_at_its_field_and_a_group_is_deleted(page: Page, installation):
    page.goto("/w/acme-research/groups/")
    for _ in range(2):
        page.get_by_role("link", name="Groups").last.click()
        page.get_by_label("Name").fill("Design")
        page.get_by_role("button", name="Create group").click()
    name = page.get_by_label("Name")
    expect(page.locator(".field .errors")).to_have_text(
        "There is a group “Design” already. Choose another name."
    )
    expect(name).to_be_focused()
    expect(name).to_have_value("Design")

    page.get_by_role("link", name="Design").click()
    page.locator("summary", has_text="Delete group").click()
    page.get_by_role("button", name="Delete group").click()
    expect(page.locator(".messages")).to_have_text("Deleted the group Design.")
    expect(page.locator("#groups-found")).to_contain_text("There are no groups.")
