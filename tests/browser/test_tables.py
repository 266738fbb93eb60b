"""Test tables and experiments, by mouse. test_tables_everywhere has the keyboard and the phone."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from uuid import uuid4

from playwright.sync_api import expect

from tests.browser.choosing import choose_model
from tests.browser.test_accessibility import violations_in_both
from tests.browser.test_streamed_answer import finished, send

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Page, Route

    from playground.demo.server import DemoServer

TABLES = "/w/acme-research/tables/"


def fits(page: Page) -> None:
    """Check that nothing is wider than the page, and that axe finds nothing."""
    width = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert width <= 0
    assert violations_in_both(page) == []


def new_table(page: Page, columns: str = "city\nexpected") -> None:
    page.goto(TABLES)
    page.get_by_role("link", name="New table").click()
    page.get_by_label("Name").fill(f"Cities {uuid4().hex[:6]}")
    page.get_by_label("Variables").fill(columns)
    page.get_by_role("button", name="Create table").click()
    expect(page.get_by_text("No cases yet.")).to_be_visible()


def test_cases_are_typed_pasted_and_loaded(page: Page, tmp_path: Path) -> None:
    new_table(page)
    fits(page)
    first = page.get_by_label("city of the next case")
    first.fill("Oslo")
    page.get_by_label("expected of the next case").fill("Norway")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("rowheader", name="Case 1")).to_be_visible()

    # Cells of a spreadsheet become cases of their own.
    page.evaluate(
        """() => {
          const data = new DataTransfer();
          data.setData("text/plain", 'Rome\\tItaly\\nBern\\t"Switzer\\nland"');
          const how = { clipboardData: data, bubbles: true, cancelable: true };
          document.querySelector("[data-case-value]").dispatchEvent(new ClipboardEvent("paste", how));
        }"""
    )
    expect(page.get_by_text("2 cases are added.")).to_be_visible()
    expect(page.get_by_role("rowheader", name="Case 3")).to_be_visible()

    file = tmp_path / "more.csv"
    file.write_bytes("city;expected\nMünchen;=1+1\n".encode("cp1252"))
    page.get_by_role("link", name="Paste or load a file").click()
    fits(page)
    page.get_by_label("Or choose a file").set_input_files(file)
    page.get_by_role("button", name="Add cases").click()
    expect(page.get_by_text("München")).to_be_visible()

    page.get_by_role("link", name="Case 4").click()
    fits(page)
    page.get_by_label("expected").fill("Germany")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Germany")).to_be_visible()


def test_checks_show_the_fields_of_their_kind(page: Page) -> None:
    new_table(page)
    page.get_by_role("link", name=re.compile("Checks")).click()
    page.get_by_label("New check").first.get_by_role("combobox").select_option("Has a length")
    expect(page.get_by_label("At most (characters)")).to_be_visible()
    expect(page.get_by_label("Ignore upper and lower case")).to_be_hidden()
    page.get_by_label("At most (characters)").fill("many")
    page.get_by_role("button", name="Save checks").click()
    expect(page.get_by_text("Enter a whole number of characters")).to_be_visible()
    fits(page)
    page.get_by_label("At most (characters)").fill("900")
    page.get_by_role("button", name="Save checks").click()
    expect(page.get_by_text("The checks are saved.")).to_be_visible()


def test_an_experiment_runs_and_shows_its_results(page: Page, upstream: DemoServer) -> None:
    new_table(page)
    for city in ("Oslo", "Rome"):
        page.get_by_label("city of the next case").fill(city)
        page.get_by_role("button", name="Add case").click()
    page.get_by_role("link", name=re.compile("Checks")).click()
    page.get_by_label("New check").first.get_by_role("combobox").select_option("Contains")
    page.get_by_label("Text").first.fill("{{city}}")
    page.get_by_role("button", name="Save checks").click()

    page.get_by_role("link", name="Experiments").click()
    fits(page)
    page.get_by_role("link", name="New experiment").click()
    page.get_by_label("Or type a prompt").fill("Say {{city}}")
    page.get_by_label("Find a model").fill("Scripted Demo Plain")
    page.keyboard.press("Enter")
    page.keyboard.press("Space")
    fits(page)
    gate = upstream.hold_after(3)
    page.get_by_role("button", name="Start").click()

    # The answers appear while the page is open, and a button keeps the focus when the progress is replaced.
    expect(page.get_by_text("0 of 2 answers")).to_be_visible()
    page.get_by_role("button", name="Stop").focus()
    page.locator("#progress").evaluate("progress => progress.toggleAttribute('data-seen')")
    expect(page.locator("#progress:not([data-seen])")).to_be_visible()
    expect(page.get_by_role("button", name="Stop")).to_be_focused()
    says_that_the_access_has_ended(page)
    gate.release()
    expect(page.get_by_text("2 of 2 answers")).to_be_visible()
    expect(page.get_by_role("img", name=re.compile("Pass rate and time of an answer"))).to_be_visible()
    fits(page)
    page.get_by_label("State").select_option("Passed")
    page.get_by_role("button", name="Show").click()
    expect(page).to_have_url(re.compile("state=passed"))
    page.get_by_label("State").select_option("Any")
    page.get_by_role("button", name="Show").click()
    page.get_by_role("link", name="Run of case 1 with variant 1").click()
    expect(page.get_by_role("heading", name=re.compile("Run of"))).to_be_attached()


def says_that_the_access_has_ended(page: Page) -> None:
    """Open the same experiment once more, and answer there as the server does once nothing is shared."""
    other = page.context.new_page()
    other.goto(page.url)
    asked = []

    def refuse(route: Route) -> None:
        asked.append(route.request.url)
        route.fulfill(status=404)

    other.route("**/progress/", refuse)
    expect(other.locator(".notice", has_text="You no longer have access to this experiment")).to_be_visible()
    expect(other.locator("#announcer")).to_contain_text("You no longer have access")
    # It stopped asking.
    expect(other.locator("#progress, [hx-trigger^=every]")).to_have_count(0)
    assert len(asked) == 1
    other.close()


def start_experiment(page: Page) -> None:
    page.get_by_role("link", name="Experiments").click()
    page.get_by_role("link", name="New experiment").click()
    page.get_by_label("Or type a prompt").fill("Say {{city}}")
    page.get_by_label("Scripted Demo Plain").check()
    page.get_by_label("Answers at once").fill("1")
    page.get_by_role("button", name="Start").click()


def test_an_experiment_is_paused_resumed_run_again_exported_and_compared(
    page: Page, upstream: DemoServer
) -> None:
    new_table(page)
    page.get_by_role("link", name="Paste or load a file").click()
    page.get_by_label("Paste cells").fill("\n".join(["city", *(f"City {number}" for number in range(8))]))
    page.get_by_role("button", name="Add cases").click()
    page.get_by_role("link", name=re.compile("Checks")).click()
    page.get_by_label("New check").first.get_by_role("combobox").select_option("Contains")
    page.get_by_label("Text").first.fill("a word that no answer has")
    page.get_by_role("button", name="Save checks").click()

    gate = upstream.hold_after(3)
    start_experiment(page)
    page.get_by_role("button", name="Pause").press("Enter")
    expect(page.get_by_text("Paused by")).to_be_visible()
    gate.release()
    page.get_by_label("New cap in USD").fill("2.5")
    page.keyboard.press("Enter")
    expect(page.get_by_text("of at most $2.50")).to_be_visible()
    expect(page.get_by_text("8 of 8 answers")).to_be_visible()
    page.get_by_role("button", name="Run again: 8 failed").click()
    expect(page.get_by_text("8 answers are asked for again.")).to_be_visible()
    expect(page.get_by_role("button", name="Run again: 8 failed")).to_be_visible()
    with page.expect_download() as download:
        page.locator("#answers").get_by_role("link", name="CSV").click()
    assert download.value.path().read_bytes().count(b"a word that no answer has") >= 8

    # The end is seen before the answers are: what is chosen in between is kept.
    held: list[Route] = []
    page.route(
        re.compile(r"/experiments/2/$"),
        lambda route: held.append(route) if "hx-request" in route.request.headers else route.continue_(),
    )
    start_experiment(page)
    expect(page.get_by_role("button", name="Run again: 8 failed")).to_be_visible()
    page.get_by_label("Compare with").select_option("Experiment 1")
    with page.expect_response(re.compile(r"/experiments/2/$")):
        for route in held:
            route.continue_()
    page.unroute_all()
    expect(page.locator("#results tbody tr")).not_to_have_count(0)
    page.get_by_role("button", name="Show").click()
    expect(page.get_by_role("columnheader", name="Difference to 1, points")).to_be_visible()
    fits(page)


def test_sets_of_parameters_are_made_in_a_form_and_answers_are_found(page: Page) -> None:
    new_table(page)
    page.get_by_label("city of the next case").fill("Zanzibar")
    page.keyboard.press("Control+Enter")
    page.get_by_role("link", name="Experiments").click()
    page.get_by_role("link", name="New experiment").first.click()
    page.get_by_label("Or type a prompt").fill("Where is {{city}}?")
    for model in ("Scripted Demo Plain", "Scripted Demo Slow"):
        page.get_by_label(model).check()
    add = page.get_by_role("button", name="Add a set")
    add.focus()
    page.keyboard.press("Enter")
    box = page.locator("[name='p.top_p']")
    box.fill("0.5")
    page.get_by_label("Name of set 1").fill("narrow")
    fits(page)
    page.get_by_role("button", name="Done").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("top_p 0.5")).to_be_visible()
    expect(page.get_by_text("These models have no place for some of the parameters")).to_be_visible()
    fits(page)
    page.get_by_label("Scripted Demo Slow").uncheck()
    expect(page.get_by_text("These models have no place")).to_be_hidden()
    page.get_by_role("button", name="Start", exact=True).last.click()
    expect(page.get_by_role("rowheader", name="narrow")).to_be_visible()
    expect(page.get_by_text("Finished: 1 of 1 answer.")).to_be_visible()

    page.goto("/w/acme-research/")
    page.locator("#search").fill("zanzibar")
    expect(page.get_by_role("heading", name="Test cases")).to_be_visible()
    fits(page)
    page.get_by_role("link", name=re.compile("case 1 Zanzibar")).first.click()
    expect(page.get_by_label("city")).to_have_value("Zanzibar")


def test_a_message_is_collected_with_one_click(page: Page) -> None:
    choose_model(page, "Scripted Demo Plain")
    send(page, "Name a river")
    page.wait_for_url("**/c/**")
    finished(page)
    page.locator("[data-message-menu]").last.click()
    page.get_by_role("menuitem", name="Add to test cases").click()
    expect(page.locator("#toasts").get_by_text(re.compile("Added to .* as case"))).to_be_visible()
    page.get_by_role("link", name="Open", exact=True).click()
    expect(page.get_by_label("prompt")).to_have_value("Name a river")
