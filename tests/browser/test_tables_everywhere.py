"""Test tables from the keyboard alone, and by touch on a phone."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from playwright.sync_api import expect

from chat.evaluation.check_kinds import KINDS
from tests.browser.hands import PHONE, Hand
from tests.browser.test_tables import TABLES, fits

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Page

    from playground.demo.server import DemoServer
    from tests.installation import Installation

MODEL = "Scripted Demo Plain · Scripted"


def test_a_table_is_filled_checked_run_read_and_exported(
    hand: Hand, upstream: DemoServer, tmp_path: Path
) -> None:
    page = hand.page
    fill(hand, f"Towns by {'keys' if hand.has_keys else 'touch'}", tmp_path)
    check(hand)
    table = page.url.removesuffix("checks/")
    plan(hand)
    steer(hand, upstream)
    read(hand)
    compare(hand, f"{table}experiments/")


def fill(hand: Hand, name: str, folder: Path) -> None:
    """Make a table, and bring four cases into it: typed, pasted, and from a file."""
    page = hand.page
    page.goto(TABLES)
    hand.link("New table")
    expect(page.get_by_label("Name")).to_be_focused()
    page.keyboard.insert_text(name)
    hand.write("Variables", "city\nexpected")
    hand.button("Create table")
    hand.reads("No cases yet.")
    fits(page)

    hand.write("city of the next case", "Oslo")
    hand.write("expected of the next case", "Oslo")
    if hand.has_keys:
        page.keyboard.press("Control+Enter")
    else:
        hand.button("Add case")
    expect(page.get_by_role("link", name="Case 1", exact=True)).to_be_visible()
    # The next one is typed without a way to its fields.
    expect(page.get_by_label("city of the next case")).to_be_focused()
    if hand.has_keys:
        page.context.grant_permissions(["clipboard-read", "clipboard-write"])
        page.evaluate("navigator.clipboard.writeText('Rome\\tItaly')")
        page.keyboard.press("ControlOrMeta+v")
    else:
        hand.link("Paste or load a file")
        hand.write("Paste cells from a spreadsheet, or CSV", "Rome\tItaly")
        hand.button("Add cases")
    hand.reads("1 case is added.")
    file = folder / "more.csv"
    file.write_text("city,expected\nBern,Bern\nLima,Peru\n", encoding="utf-8")
    hand.link("Paste or load a file")
    page.get_by_label("Or choose a file").set_input_files(file)
    hand.button("Add cases")
    hand.reads("2 cases are added.")

    hand.link("Case 3")
    hand.write("expected", "Switzerland")
    hand.button("Save")
    expect(page.get_by_role("link", name="Case 3", exact=True)).to_be_focused()
    hand.reads("Switzerland")


def check(hand: Hand) -> None:
    """Look at the fields of every kind of check, and save three of them."""
    page = hand.page
    hand.link(re.compile("^Checks"))
    hand.reads("Every answer is checked with all of these.")
    new = page.get_by_role("group", name="New check")
    for kind in KINDS.values():
        hand.choose("New check", kind.label)
        shown = [each for each in new.locator("[data-check-label]").all() if each.is_visible()]
        assert [each.inner_text() for each in shown] == [each for each in (kind.first, kind.second) if each]
    hand.choose("New check", "Has a length")
    new.get_by_label("At most (characters)").fill("many")
    hand.button("Save checks")
    hand.reads("Enter a whole number of characters")
    expect(page.locator("[name=first][aria-invalid=true]")).to_be_focused()
    fits(page)
    page.get_by_role("group", name="Check 1").get_by_label("At most (characters)").fill("9000")
    for name, label, value in (
        ("Contains", "Text", "{{expected}}"),
        ("A model judges", "Rubric: what a good answer does", "Names {{city}}."),
    ):
        group = page.get_by_role("group", name=re.compile("check", re.IGNORECASE)).last
        select = group.get_by_role("combobox")
        select.focus()
        select.select_option(name)
        group.get_by_label(label).fill(value)
        hand.button("Save checks")
        hand.reads("The checks are saved.")


def plan(hand: Hand) -> None:
    """Choose a typed prompt, a model, a named set of parameters, a judge and a cap that is too low."""
    page = hand.page
    hand.link("Experiments")
    hand.reads("No experiments yet.")
    fits(page)
    hand.link("New experiment")
    hand.reads("Choose prompts and models to see how many answers this asks for.")
    hand.write("Or type a prompt", "Say {{city}}")
    hand.write("Find a model", "Scripted Demo Plain")
    hand.tick(MODEL)
    expect(page.locator("#run-size")).to_have_text("4 cases × 1 prompt × 1 model = 4 answers.")
    hand.button("Add a set")
    expect(page.get_by_label("Name of set 1")).to_be_focused()
    page.keyboard.insert_text("cool")
    page.locator("[name='p.temperature']").fill("0.3")
    hand.button("Done")
    expect(page.get_by_role("button", name="Edit set 1")).to_be_focused()
    hand.choose("Model that judges", MODEL)
    hand.write("Answers at once", "1")
    hand.write("Cap in USD", "0.000001")
    fits(page)
    page.get_by_role("button", name="Start", exact=True).last.focus()


def steer(hand: Hand, upstream: DemoServer) -> None:
    """Start the experiment, raise its cap, pause it, go on, and run again what failed."""
    page = hand.page
    hand.press(page.get_by_role("button", name="Start", exact=True).last)
    hand.reads("Paused")
    expect(page.get_by_text(re.compile("cap", re.IGNORECASE)).first).to_be_visible()
    fits(page)
    gate = upstream.hold_after(3)
    hand.write("New cap in USD", "5")
    hand.button("Resume")
    hand.reads("Running")
    fits(page)
    hand.button("Pause")
    hand.reads("Paused by")
    gate.release()
    hand.button("Resume")
    # A screen reader hears of the end without a reload, and the answers are there.
    expect(page.locator("#announcer")).to_have_text("Finished.")
    expect(page.get_by_role("heading", name="Answers")).to_be_visible()
    fits(page)
    hand.press(page.get_by_role("button", name=re.compile("Run again: . failed")))
    hand.reads(re.compile("answers? (is|are) asked for again"))
    expect(page.get_by_text("Finished: 4 of 4 answers.")).to_be_visible()


def read(hand: Hand) -> None:
    """Narrow the grid, open the run of a cell and come back to it, and take the results away."""
    page = hand.page
    hand.choose("State", "Failed")
    hand.button("Show")
    expect(page).to_have_url(re.compile("state=failed"))
    run = page.get_by_role("link", name=re.compile("Run of case 4"))
    hand.press(run)
    expect(page.get_by_role("heading", name="Inspector")).to_be_visible()
    page.go_back()
    expect(page).to_have_url(re.compile("state=failed"))
    expect(run).to_be_focused()
    hand.press(run)
    hand.link(re.compile("experiment 1$"))
    expect(page).to_have_url(re.compile(r"page=1#run-"))
    expect(run).to_be_focused()
    with page.expect_download() as download:
        hand.press(page.locator("#answers").get_by_role("link", name="CSV"))
    assert download.value.path().read_bytes().count(b"Lima") >= 1


def compare(hand: Hand, experiments: str) -> None:
    """Run the table once more, and compare the two."""
    page = hand.page
    page.goto(f"{experiments}new/")
    hand.write("Or type a prompt", "Name {{city}} and {{expected}}")
    hand.tick(MODEL)
    hand.choose("Model that judges", MODEL)
    hand.press(page.get_by_role("button", name="Start", exact=True).last)
    expect(page.get_by_text("Finished: 4 of 4 answers.")).to_be_visible()
    hand.choose("Compare with", "Experiment 1")
    hand.button("Show")
    expect(page.get_by_role("columnheader", name="Difference to 1, points")).to_be_attached()
    hand.choose("Change", "Failed before, passes now")
    hand.button("Show")
    expect(page).to_have_url(re.compile("change=fixed"))
    fits(page)
    hand.link("Experiments")
    expect(page.get_by_role("row")).to_have_count(3)
    fits(page)


_TEN_THOUSAND = """
from accounts.models import User
from chat.evaluation.check_kinds import CheckSetting
from chat.models import Cell, Experiment
from playground.models import Endpoint
from tests.chat.experiments import cities, experiment_of, table_of
alice = User.objects.get(email="alice@example.org")
workspace = alice.memberships.get().workspace
table = table_of(workspace, alice, cities(10_000), CheckSetting("contains", "land"))
endpoint = Endpoint.objects.get(
    model__provider__code="scripted", model__model_id="demo/plain", kind="chat/completions")
experiment = experiment_of(table, endpoint, alice)
cells = Cell.objects.filter(experiment=experiment)
cells.update(state="passed", seconds=1, usd=1)
cells.filter(case_number__gt=7_000).update(state="failed")
Experiment.objects.filter(pk=experiment.pk).update(state="finished")
print(table.code)
"""


def test_ten_thousand_cases_are_read(page: Page, installation: Installation) -> None:
    hand = Hand(page, has_keys=True)
    code = installation.manage("shell", "-v", "0", "-c", _TEN_THOUSAND).strip()
    page.goto(f"{TABLES}{code}/experiments/1/?page=100")
    hand.reads("Finished: 10,000 of 10,000 answers.")
    best, table = "Highest pass rate: number 1 with 70 %", "The table of variants has all figures."
    assert pictures_of(page) == [
        (
            "Pass rate and cost of an answer",
            f"{best} at $1.00. Lowest cost of an answer: number 1 with $1.00. {table}",
        ),
        (
            "Pass rate and time of an answer",
            f"{best} at 1 s. Lowest time of an answer: number 1 with 1 s. {table}",
        ),
    ]
    # Nothing is told by colour alone: the points have numbers, and the table has them too.
    expect(page.locator(".scatter-number")).to_have_text(["1", "1"])
    hand.press(page.get_by_role("link", name="table of variants").first)
    expect(page.get_by_role("group", name="Variants")).to_be_focused()
    fits(page)
    page.set_viewport_size(PHONE)
    fits(page)
    hand.write("Case", "9999")
    hand.button("Show")
    expect(page.get_by_role("rowheader", name="9999")).to_be_visible()
    page.goto(f"{TABLES}{code}/?page=200")
    hand.link("Case 9999")
    hand.write("expected", "elsewhere")
    hand.button("Save")
    expect(page.get_by_role("link", name="Case 9999", exact=True)).to_be_focused()
    fits(page)


def pictures_of(page: Page) -> list[tuple[str, str]]:
    """Return what a screen reader says of the pictures: their names and descriptions."""
    nodes = page.context.new_cdp_session(page).send("Accessibility.getFullAXTree")["nodes"]
    pictures = [node for node in nodes if node["role"]["value"] == "image" and not node["ignored"]]
    return [(node["name"]["value"], node["description"]["value"]) for node in pictures]
