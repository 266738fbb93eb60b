"""Changing parameters by mouse and keyboard: marked at once, checked by the server, kept."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.browser.pane import (
    EVERYTHING,
    NARROW,
    add_model,
    choose,
    kept,
    pick,
    reset,
    row,
    sent,
    shown,
)

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

    from tests.installation import Installation


# The script finds controls that are too small for a finger and returns their size and HTML.
SMALL = """() => [...document.querySelectorAll("#parameters :is(input, select, textarea, button, summary)")]
    .filter((each) => each.getClientRects().length)
    .map((each) => [each, (each.closest(".parameter-tag") ?? each).getBoundingClientRect()])
    .filter(([, box]) => Math.min(box.width, box.height) < 40)
    .map(([each, box]) => `${box.width} x ${box.height} ${each.outerHTML.slice(0, 99)}`)
"""


@pytest.fixture
def qwen(page: Page) -> Page:
    pick(page, "Qwen3.6 35B A3B")
    reset(page)
    return page


def test_a_slider_sets_the_box_and_is_remembered(qwen: Page):
    slider = row(qwen, "temperature").get_by_role("slider")
    with kept(qwen):
        slider.focus()
        qwen.keyboard.press("ArrowLeft")
    assert sent(qwen) == {"temperature"}
    assert qwen.locator("#p-temperature").input_value() == "0.95"
    qwen.reload()
    assert sent(qwen) == {"temperature"}
    assert qwen.locator("#p-temperature").input_value() == "0.95"


def test_what_can_be_sent_as_json_or_null_says_so_before_anybody_points_at_it(qwen: Page):
    qwen.mouse.move(0, 0)
    for name, states in {
        "tools": ["JSON"],
        "logit_bias": ["null", "JSON"],
        "frequency_penalty": ["null"],
    }.items():
        labels = row(qwen, name).locator("> .parameter-head > .parameter-toggle > span")
        assert labels.all_text_contents() == states
        assert all(
            label.evaluate("each => each.checkVisibility({opacityProperty: true})") for label in labels.all()
        )


def test_an_error_comes_to_the_field_and_the_focus_stays(qwen: Page):
    box = qwen.locator("#p-seed")
    with kept(qwen):
        box.fill("0")
    row(qwen, "seed").get_by_text("Must be at least 1.").wait_for()
    assert box.get_attribute("aria-invalid") == "true"
    assert qwen.evaluate("document.activeElement.id") == "p-seed"
    with kept(qwen):
        box.fill("7")
    row(qwen, "seed").get_by_text("Must be at least 1.").wait_for(state="detached")
    assert box.get_attribute("aria-invalid") is None


def test_tags_are_written_and_removed_from_the_keyboard(qwen: Page):
    stop = row(qwen, "stop")
    with kept(qwen):
        stop.get_by_label("new entry").press_sequentially("END")
        qwen.keyboard.press("Enter")
        qwen.keyboard.type("STOP")
    assert tags(qwen) == ["END", "STOP", ""]
    qwen.keyboard.press("Home")
    qwen.keyboard.press("ArrowLeft")
    with kept(qwen):
        for _ in "END.":
            qwen.keyboard.press("Backspace")
    assert tags(qwen) == ["STOP", ""]
    assert qwen.evaluate("document.activeElement.value") == "STOP"
    with kept(qwen):
        stop.get_by_role("button", name="Remove STOP").click()
    assert tags(qwen) == [""]
    assert qwen.evaluate("document.activeElement.closest('.is-next') !== null")
    assert sent(qwen) == set()


def tags(page: Page) -> list[str]:
    return [box.input_value() for box in row(page, "stop").locator('[name="p.stop"]').all()]


def test_lines_pasted_into_a_tag_become_tags(qwen: Page):
    box = row(qwen, "stop").get_by_label("new entry")
    box.focus()
    with kept(qwen):
        box.evaluate(
            """box => {
                const clipboardData = new DataTransfer();
                clipboardData.setData("text", "one\\ntwo\\n");
                const how = { clipboardData, bubbles: true, cancelable: true };
                box.dispatchEvent(new ClipboardEvent("paste", how));
            }"""
        )
    assert tags(qwen) == ["one", "two", ""]


def test_an_alternative_shows_its_own_fields(qwen: Page):
    choose(qwen, "response_format", "schema")
    name = qwen.locator('[name="p.response_format.as-json_schema.json_schema.name"]')
    assert name.is_visible()
    choose(qwen, "response_format", "text")
    assert not name.is_visible()
    assert sent(qwen) == {"response_format"}


def test_a_tool_goes_to_json_and_back(qwen: Page):
    tools = row(qwen, "tools")
    with kept(qwen):
        tools.get_by_role("button", name="Add a tool").click()
        qwen.keyboard.type("look_up")
        qwen.locator("#p-tools-0-function-parameters").fill("{}")
    tools.locator('[data-state="json"]').check(force=True)
    editor = qwen.locator("#p-tools--json")
    with kept(qwen):
        editor.fill(editor.input_value().replace("look_up", "look_down"))
    with kept(qwen):
        tools.locator('[data-state="json"]').click(force=True)
    qwen.locator("#p-tools-0-function-name").wait_for()
    assert qwen.locator("#p-tools-0-function-name").input_value() == "look_down"


def test_enter_in_a_field_does_not_send_the_prompt(qwen: Page):
    before = qwen.url
    qwen.locator("#p-temperature").fill("0.5")
    with kept(qwen):
        qwen.locator("#p-temperature").press("Enter")
    assert qwen.url == before


def test_parameters_are_found_by_name(qwen: Page):
    qwen.get_by_label("Find a parameter").fill("pen")
    shown = {each.get_attribute("data-parameter") for each in qwen.locator("[data-parameter]:visible").all()}
    assert shown == {"frequency_penalty", "presence_penalty"}


def test_a_row_is_removed_and_the_focus_stays_in_the_list(qwen: Page):
    tools = row(qwen, "tools")
    for name in ("one", "two"):
        tools.get_by_role("button", name="Add a tool").click()
        expect(tools.locator(".parameter-row").last.locator('[name$=".function.name"]')).to_be_focused()
        qwen.keyboard.type(name)
    with kept(qwen):
        tools.get_by_role("button", name="Remove entry 1").click()
    assert qwen.evaluate("document.activeElement.value") == "two"
    expect(tools.get_by_role("group", name="Entry 1")).to_have_count(1)
    with kept(qwen):
        tools.get_by_role("button", name="Remove entry 1").click()
    assert qwen.evaluate("document.activeElement.textContent") == "Add a tool"
    assert sent(qwen) == set()


def test_a_message_about_the_row_that_is_left_does_not_move_the_button_that_is_pressed(qwen: Page):
    tools = row(qwen, "tools")
    add = tools.get_by_role("button", name="Add a tool")
    with kept(qwen):
        add.click()
    # The server misses the name, which is not said before the row is left.
    expect(tools.locator("[data-held]")).not_to_have_count(0)
    add.hover()
    before = add.bounding_box()
    qwen.mouse.down()
    expect(add).to_be_focused()
    assert add.bounding_box() == before
    qwen.mouse.up()
    expect(tools.locator(".parameter-row").last.locator('[name$=".function.name"]')).to_be_focused()
    expect(tools.locator(".parameter-row")).to_have_count(2)
    expect(tools.locator(".parameter-row").first).to_contain_text("Required.")


@pytest.fixture(scope="module")
def models(installation: Installation) -> None:
    add_model(installation, "Everything", EVERYTHING)
    add_model(installation, "Narrow", NARROW)


@pytest.fixture
def everything(page: Page, models: None) -> Page:
    pick(page, "Everything")
    reset(page)
    return page


def test_only_what_changed_is_shown_and_what_is_reset_stays_until_the_next_look(everything: Page):
    page = everything
    with kept(page):
        page.locator("#p-seed").fill("7")
        page.locator("#p-temperature").fill("0.3")
    page.get_by_role("button", name="2 changed").click()
    assert shown(page) == ["temperature", "seed"]
    with kept(page):
        page.get_by_label("Do not send seed").click()
    assert page.evaluate("document.activeElement.id") == "p-seed"
    assert shown(page) == ["temperature", "seed"]
    page.reload()
    assert shown(page) == ["temperature"]
    page.get_by_label("Find a parameter").fill("seed")
    expect(page.get_by_text("No changed parameter has “seed” in its name.")).to_be_visible()
    page.get_by_label("Find a parameter").press("Escape")
    page.get_by_role("button", name=re.compile(r"^All \d+$")).click()
    # Below those of the schema: whether it is streamed, and the box for extra ones.
    assert len(shown(page)) == len(EVERYTHING) + 2
    with kept(page):
        page.get_by_role("button", name="Reset all").click()
    assert sent(page) == set()
    expect(page.get_by_label("Find a parameter")).to_be_focused()


def test_nobody_is_told_that_something_is_missing_while_filling_it_in(everything: Page):
    page = everything
    with kept(page):
        row(page, "tools").get_by_role("button", name="Add a tool").click()
    missing = page.locator("#p-tools-0-function-name--error")
    expect(page.locator("#p-tools-0-function-name")).to_be_focused()
    expect(missing).to_be_empty()
    page.get_by_label("Find a parameter").focus()
    expect(missing).to_have_text("Required.")
    expect(page.locator("#p-tools-0-function-name")).to_have_attribute("aria-invalid", "true")


def test_a_number_without_a_slider_has_buttons_and_keys(everything: Page):
    box = everything.locator("#p-seed")
    with kept(everything):
        row(everything, "seed").get_by_role("button", name="More seed").click(click_count=3)
    assert box.input_value() == "3"
    box.press("ArrowDown")
    box.press("ArrowDown")
    with kept(everything):
        box.press("ArrowDown")
    assert box.input_value() == "1"


def test_two_that_exclude_each_other_say_so_at_both(everything: Page):
    with kept(everything):
        everything.locator("#p-max_tokens").fill("100")
        everything.locator("#p-max_completion_tokens").fill("100")
    for name in ("max_tokens", "max_completion_tokens"):
        warning = row(everything, name).locator(".parameter-warning")
        expect(warning).to_contain_text("is set too. Both limit the length of the answer")
    with kept(everything):
        everything.locator("#p-max_tokens").fill("")
    expect(row(everything, "max_completion_tokens").locator(".parameter-warning")).to_be_empty()


def test_json_is_checked_while_it_is_written(everything: Page):
    page = everything
    choose(page, "response_format", "schema")
    editor = page.locator('[name$=".json_schema.schema"]')
    with kept(page):
        editor.fill('{"type": "object",\n  oops}')
    error = page.locator("#p-response_format-as-json_schema-json_schema-schema--error")
    expect(error).to_contain_text("line 2, column 3")
    expect(editor).to_be_focused()
    with kept(page):
        editor.fill('{"type": "object"}')
    expect(error).to_be_empty()


def test_a_switch_tells_what_it_left_behind_and_brings_it_back(everything: Page):
    page = everything
    with kept(page):
        page.locator("#p-temperature").fill("1.5")
        page.locator("#p-seed").fill("7")
        row(page, "stop").get_by_label("new entry").fill("END")
    pick(page, "Narrow")
    notice = page.get_by_role("region", name="What changed")
    expect(notice).to_contain_text("2 values not carried over, 1 kept")
    expect(page.locator("#announcer")).to_have_text("2 values not carried over, 1 kept")
    expect(notice).to_contain_text("Must be at most 1.")
    assert sent(page) == {"stop"}
    page.reload()
    notice.get_by_role("button", name="Back to Everything").click()
    expect(page.locator("#parameters-form > legend")).to_have_text("Parameters of Everything")
    assert sent(page) == {"temperature", "seed", "stop"}
    assert page.locator("#p-temperature").input_value() == "1.5"
    with kept(page):
        page.get_by_role("button", name="Dismiss").click()
    expect(page.get_by_role("region", name="What changed")).to_have_count(0)
    page.reload()
    expect(page.get_by_role("region", name="What changed")).to_have_count(0)


def test_a_schema_that_changed_says_how(everything: Page, installation: Installation):
    page = everything
    with kept(page):
        page.locator("#p-temperature").fill("1.5")
    changed = {name: value for name, value in EVERYTHING.items() if name != "user"}
    add_model(
        installation,
        "Everything",
        {**changed, "temperature": NARROW["temperature"], "n": {"type": "integer"}},
    )
    try:
        page.reload()
        notice = page.get_by_role("region", name="What changed")
        expect(notice).to_contain_text("The parameters of Everything changed")
        for words in ("New: n", "Removed: user", "temperature 1.5", "Must be at most 1."):
            expect(notice).to_contain_text(words)
        assert sent(page) == set()
        with kept(page):
            page.get_by_role("button", name="Dismiss").click()
        expect(page.get_by_label("Find a parameter")).to_be_focused()
        page.reload()
        expect(notice).to_have_count(0)
    finally:
        add_model(installation, "Everything", EVERYTHING)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_stands_in_anybodys_way(everything: Page, scheme):
    page = everything
    page.emulate_media(color_scheme=scheme)
    choose(page, "response_format", "schema")
    choose(page, "thinking", "enabled")
    row(page, "tools").get_by_role("button", name="Add a tool").click()
    row(page, "stop").get_by_label("new entry").fill("END")
    with kept(page):
        page.locator("#p-seed").fill("0")
    expect(row(page, "seed").locator(".parameter-error")).not_to_be_empty()
    pick(page, "Narrow")
    pick(page, "Everything")
    found = Axe().run(page).response["violations"]
    assert [f"{issue['id']}: {node['target']}" for issue in found for node in issue["nodes"]] == []


def test_nothing_to_touch_is_small(browser, installation: Installation, everything: Page):
    page = everything
    context = browser.new_context(
        viewport={"width": 390, "height": 844},
        has_touch=True,
        is_mobile=True,
        base_url=installation.origin,
        storage_state=page.context.storage_state(),
    )
    phone = context.new_page()
    phone.goto("/")
    phone.locator(".panel-button").click()
    choose(phone, "response_format", "schema")
    row(phone, "tools").get_by_role("button", name="Add a tool").click()
    expect(phone.locator("#p-tools-0-function-name")).to_be_focused()
    small = phone.evaluate(SMALL)
    context.close()
    assert small == []


def test_the_first_prompt_of_a_chat_leaves_the_pane_where_it_was(everything: Page):
    page = everything
    page.locator("#parameters").evaluate("pane => { pane.scrollTop = 300; }")
    page.get_by_label("Prompt", exact=True).fill("My words")
    page.get_by_label("Prompt", exact=True).press("Enter")
    page.wait_for_url("**/c/**")
    expect(page.locator(".message.user")).to_be_visible()
    assert page.locator("#parameters").evaluate("pane => pane.scrollTop") == 300
    page.reload()
    page.locator("[data-new-chat]").click()
    page.wait_for_url("**/w/**")
    assert page.locator("#parameters").evaluate("pane => pane.scrollTop") == 0


def refused(page: Page) -> Locator:
    """Send, and return the composer's error."""
    page.get_by_label("Prompt", exact=True).fill("My words")
    page.get_by_label("Prompt", exact=True).press("Enter")
    expect(page.locator(".composer-error .notice.error:visible")).to_have_count(1)
    return page.locator(".composer-error")


def test_a_wrong_parameter_is_one_click_away_wherever_it_is_folded(everything: Page):
    page = everything
    group = page.locator("[data-group]", has=row(page, "seed"))
    mark = group.locator("summary").get_by_text("to correct")
    button = page.locator(".transcript .panel-button")
    expect(mark).to_be_hidden()
    expect(button.get_by_text("Something needs correcting")).to_be_hidden()
    with kept(page):
        page.locator("#p-seed").fill("0")
    group.locator("summary").click()
    button.click()
    expect(page.locator("#p-seed")).to_be_hidden()

    complaint = refused(page)
    expect(complaint).to_contain_text("seed: Must be at least 1.")
    expect(button.get_by_text("Something needs correcting")).to_be_visible()
    complaint.get_by_role("button", name="Show seed").click()
    expect(mark).to_be_visible()
    expect(page.locator("#p-seed")).to_be_focused()
    expect(page.locator("#p-seed")).to_be_in_viewport()
    with kept(page):
        page.locator("#p-seed").fill("1")
    expect(complaint.locator(".notice:visible")).to_have_count(0)
    expect(mark).to_be_hidden()
    expect(button.get_by_text("Something needs correcting")).to_be_hidden()


def test_a_wrong_part_is_shown_although_something_else_is_looked_for(everything: Page):
    page = everything
    with kept(page):
        row(page, "tools").get_by_role("button", name="Add a tool").click()
    page.get_by_label("Find a parameter").fill("seed")
    refused(page).get_by_role("button", name="Show tools.0.function.name").click()
    expect(page.locator("#p-tools-0-function-name")).to_be_focused()
    expect(page.get_by_label("Find a parameter")).to_have_value("")


def test_on_a_phone_a_wrong_parameter_slides_in(everything: Page):
    page = everything
    with kept(page):
        page.locator("#p-seed").fill("0")
    page.set_viewport_size({"width": 390, "height": 844})
    refused(page).get_by_role("button", name="Show seed").click()
    expect(page.locator("#p-seed")).to_be_focused()
    expect(page.locator("#p-seed")).to_be_in_viewport()
    with kept(page):
        page.locator("#p-seed").fill("1")
    page.keyboard.press("Escape")
    expect(page.locator(".transcript .panel-button")).to_be_focused()
