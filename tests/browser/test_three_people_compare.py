"""Three people in one comparison: its owner, one who may write in it, and one who may read it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import pytest
from playwright.sync_api import expect

from tests.browser.comparing import SCRIPTED, choose, columns, expect_answers, new_comparison, prompt, send
from tests.browser.test_accessibility import violations
from tests.installation import PASSWORD

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page

    from playground.demo.server import DemoServer
    from tests.installation import Installation

_ADD = (
    "[Membership.objects.create(workspace=Workspace.objects.get(), role='member', user="
    f"User.objects.create_user(name.lower() + '@team.example', '{PASSWORD}', name=name)).pk "
    "for name in ('Bea', 'Cem')]"
)
_SHARE = (
    "[Share.objects.create(conversation=each, member=Membership.objects.get(user__name=name), "
    "can_write=name == 'Bea').pk for name in ('Bea', 'Cem') "
    "for each in Conversation.objects.get(code='%s').with_columns]"
)
# A reader's page could post this if it were changed by hand.
_POST = """async (paths) => {
  const headers = JSON.parse(document.body.getAttribute("hx-headers"));
  const post = (path) => fetch(path, { method: "POST", headers, redirect: "manual" });
  const answers = await Promise.all(paths.map(post));
  return answers.map((answer) => answer.status);
}"""


class People(NamedTuple):
    alice: Page
    bea: Page
    cem: Page


@pytest.fixture
def three(browser: Browser, installation: Installation, page: Page) -> Iterator[People]:
    """Open one comparison of three columns at three people."""
    installation.query(_ADD)
    new_comparison(page)
    with page.expect_navigation():
        page.get_by_role("button", name="Add column").click()
    for column, model in zip(columns(page), (*SCRIPTED, SCRIPTED[0]), strict=True):
        choose(page, column, model)
    installation.query(_SHARE % page.url.split("/")[4])
    contexts = [browser.new_context(base_url=installation.origin, reduced_motion="reduce") for _ in "bc"]
    others = [context.new_page() for context in contexts]
    for other, name in zip(others, ("bea", "cem"), strict=True):
        other.set_viewport_size({"width": 1440, "height": 900})
        other.goto("/sign-in/")
        other.get_by_label("E-mail").fill(f"{name}@team.example")
        other.get_by_label("Password").fill(PASSWORD)
        other.get_by_role("button", name="Sign in", exact=True).click()
        other.wait_for_url("**/w/**")
        other.goto(page.url)
    yield People(page, *others)
    for context in contexts:
        context.close()
    installation.query("User.objects.filter(email__endswith='@team.example').delete()[0]")


def test_all_see_the_answers_and_one_of_two_who_send_at_once_is_told_to_wait(
    three: People, upstream: DemoServer
):
    alice, bea, cem = three
    gate = upstream.hold_after(3)
    for page, text in ((alice, "Words of Alice"), (bea, "Words of Bea")):
        prompt(page).fill(text)
    for page in (alice, bea):
        # A click by a script does not wait for what it starts.
        page.locator(".compare-composer .send").evaluate("(button) => button.click()")
    assert gate.reached.wait(20)
    for page in three:
        expect(page.locator(".compare-column [data-run] .answer .markdown > *")).not_to_have_count(0)
        for column in columns(page):
            expect(column.locator(".bubble")).to_have_count(1)

    for page in (alice, bea):
        expect(page.locator(".compare-composer > .composer:not(.htmx-request)")).to_have_count(1)
    told = [page for page in (alice, bea) if page.locator(".column-refusals").count()]
    assert len(told) == 1
    expect(told[0].locator(".column-refusals")).to_contain_text("Nothing was sent to any column.")
    expect(prompt(told[0])).to_have_value("Words of Alice" if told[0] is alice else "Words of Bea")
    expect(prompt(bea if told[0] is alice else alice)).to_have_value("")
    # The reader has nothing to stop.
    expect(cem.get_by_role("button", name="Stop all")).to_be_hidden()
    expect(alice.get_by_role("button", name="Stop all")).to_be_visible()

    gate.release()
    for page in three:
        expect_answers(columns(page))
    texts = [[column.locator(".thread .answer").inner_text() for column in columns(page)] for page in three]
    assert texts[0] == texts[1] == texts[2]


def test_a_reader_can_change_nothing(three: People):
    _, _, cem = three
    expect(cem.locator(".composer-closed").last).to_contain_text("You can read this comparison.")
    expect(prompt(cem)).to_have_count(0)
    expect(cem.get_by_role("button", name="Add column")).to_have_count(0)
    expect(cem.locator(".column-receives input:enabled, .column-model:enabled")).to_have_count(0)
    expect(cem.locator("[draggable=true], [data-move-url]")).to_have_count(0)
    cem.get_by_label("More about column 1").click()
    expect(cem.locator(".column-menu[open] .menu-item")).to_have_text(["Go on with this one alone"])
    assert violations(cem) == []

    code, column = cem.url.split("/")[4], cem.locator(".compare-column").first.get_attribute("data-thread")
    paths = [f"/compare/{code}/{verb}/" for verb in ("send", "add", "blind")]
    paths += [f"/column/{column}/{verb}/" for verb in ("duplicate", "move", "copy", "remove", "choose")]
    assert set(cem.evaluate(_POST, paths)) == {403}


def test_a_choice_a_removed_column_and_the_end_of_the_access_reach_open_pages(three: People):
    alice, bea, cem = three
    send(alice, "Write a short poem about rivers.")
    expect_answers(columns(bea))
    prompt(bea).fill("Not sent yet")

    alice.get_by_label("More about column 2").click()
    alice.locator(".column-menu[open]").get_by_role("button", name="Choose as the best").click()
    with alice.expect_navigation():
        alice.get_by_role("dialog").get_by_role("button", name="Choose", exact=True).click()
    for page in (bea, cem):
        page.get_by_role("link", name="Show the changes").click()
        page.get_by_label("Judge the answers").click()
        page.get_by_role("button", name="Choices and results").click()
        expect(page.get_by_role("dialog", name="Choices and results")).to_contain_text("chosen by alice")
        page.keyboard.press("Escape")

    alice.get_by_label("More about column 3").click()
    with alice.expect_navigation():
        alice.get_by_role("button", name="Remove column").click()
    for page in (bea, cem):
        page.get_by_role("link", name="Show").first.click()
        expect(page.locator(".compare-column")).to_have_count(2)
    expect(prompt(bea)).to_have_value("Not sent yet")

    alice.locator(".bar .share").click()
    dialog = alice.get_by_role("dialog", name="Share")
    dialog.get_by_label("Access of Bea").select_option("read")
    expect(bea.get_by_role("link", name="Show the changes")).to_be_visible()
    dialog.get_by_role("button", name="Remove Bea").dblclick()
    expect(bea.locator(".compare-composer .connection")).to_contain_text("no longer shared with you")
    alice.keyboard.press("Escape")
    send(alice, "Secret")
    expect_answers(columns(cem), 2)
    expect(bea.locator("#compare")).not_to_contain_text("Secret")
    gone = bea.goto(alice.url)
    assert gone and gone.status == 404
