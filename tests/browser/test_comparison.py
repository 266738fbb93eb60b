"""Models side by side: one composer, an answer in each column, one socket."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser.comparing import SCRIPTED, choose, expect_answers, new_comparison, prompt, send


def test_every_column_answers_and_one_socket_brings_all_of_it(page):
    sockets = []
    page.on("websocket", lambda socket: sockets.append(socket.url.split("/ws/")[1]))
    columns = new_comparison(page)
    sockets.clear()
    page.reload()

    send(page, "Write a short poem about rivers.")

    expect_answers(columns)
    for column in columns:
        expect(column.locator(".bubble")).to_have_text("Write a short poem about rivers.")
        expect(column.locator(".receipt")).to_contain_text("tokens/s")
    expect(prompt(page)).to_have_value("")
    expect(page.locator("h1")).to_have_text("Write a short poem about rivers.")
    assert sockets == [""]

    send(page, "And one about hills.")
    expect_answers(columns, 2)
    before = [column.locator(".thread").inner_text() for column in columns]
    page.reload()
    assert [column.locator(".thread").inner_text() for column in columns] == before


def test_a_column_can_be_left_out(page):
    first, second = new_comparison(page)

    second.get_by_label("Send to column 2").uncheck()
    send(page, "Only one of you.")

    expect_answers([first])
    expect(second.locator(".message")).to_have_count(0)
    first.get_by_label("Send to column 1").uncheck()
    send(page, "Nobody now.")
    expect(page.locator(".compare-composer .notice")).to_contain_text(["Choose at least one column"])
    expect(prompt(page)).to_have_value("Nobody now.")


def test_one_answer_is_stopped_and_then_all(page, upstream):
    columns = new_comparison(page)
    for column, model in zip(columns, SCRIPTED, strict=True):
        choose(page, column, model)
    upstream.hold_after(3)
    stop_all = page.get_by_role("button", name="Stop all")
    expect(stop_all).to_be_hidden()

    send(page, "Tell me something long.")
    expect(stop_all).to_be_visible()
    columns[1].get_by_role("button", name="Stop", exact=True).click()
    expect_answers([columns[1]], status="stopped")
    expect(columns[0].locator("[data-run]")).to_have_count(1)

    send(page, "Too early for column one.")
    expect(page.locator(".compare-composer")).to_contain_text(
        f"Column 1, {SCRIPTED[0]}: An answer is still being"
    )
    expect(prompt(page)).to_have_value("Too early for column one.")
    expect(columns[1].locator(".bubble")).to_have_count(1)

    stop_all.click()
    expect_answers(columns, status="stopped")
    expect(stop_all).to_be_hidden()


def test_a_column_has_its_own_model_parameters_and_system_prompt(page):
    first, second = new_comparison(page)
    choose(page, second, SCRIPTED[0])
    expect(page.locator("#panel-heading")).to_have_text("Column 2")
    page.locator("[name='p.max_tokens']").fill("77")
    expect(page.locator("[data-parameters]:not([data-unkept])")).to_have_count(1)

    first.get_by_role("button", name="Model and parameters of column 1").click()
    expect(page.locator("#panel-heading")).to_have_text("Column 1")
    expect(page.locator("[name='p.max_tokens']")).to_have_value("")
    second.get_by_text("Add a system prompt").click()
    second.locator(".system-prompt textarea").fill("Be brief.")
    second.get_by_role("button", name="Save", exact=True).click()
    expect(second.locator("[data-system-text]")).to_have_text("Be brief.")
    send(page, "Hello both.")

    expect_answers([first, second])
    expect(second.locator(".answer-setting")).to_contain_text("max_tokens 77")
    expect(first.locator(".answer-setting")).not_to_contain_text("max_tokens")
    expect(first.locator("[data-system-text]")).to_have_count(0)


def test_answering_again_in_a_column_uses_its_own_settings(page):
    first, second = new_comparison(page)
    choose(page, first, SCRIPTED[0])
    send(page, "Hello both.")
    expect_answers([first, second])
    # The panel shows the first column.
    second.get_by_role("button", name="Answer again").click()

    expect(second.locator(".siblings")).to_contain_text("2 / 2")
    expect_answers([first, second])
    expect(second.locator(".answer-model").last).to_have_text("Demo Markdown")
    expect(first.locator(".siblings")).to_have_count(0)


def test_the_composer_says_what_all_chosen_columns_cost_at_most(page):
    first, second = new_comparison(page)
    for column, model in zip((first, second), SCRIPTED, strict=True):
        choose(page, column, model)
    estimate = page.locator(".compare-composer .composer-estimate")

    def cost() -> float:
        expect(estimate).to_have_text(re.compile(r"^~\d+ tokens · up to \$0\.\d+$"))
        return float((estimate.text_content() or "").split("$")[1])

    prompt(page).fill("Hello both")
    both = cost()
    second.get_by_label("Send to column 2").uncheck()
    expect(estimate).not_to_contain_text(f"${both}")
    alone = cost()
    assert alone < both
    second.get_by_label("Send to column 2").check()
    # The panel shows the second column; the parameters of the first count as they are stored.
    page.locator("[name='p.max_tokens']").fill("1")
    expect(page.locator("[data-parameters]:not([data-unkept])")).to_have_count(1)
    expect(estimate).not_to_contain_text(f"${both}")
    assert alone <= cost() < both
    first.get_by_role("button", name="Model and parameters of column 1").click()
    expect(page.locator("#panel-heading")).to_have_text("Column 1")
    prompt(page).fill("Hello both!")
    assert alone <= cost() < both


@pytest.mark.own_context
def test_two_people_see_the_same_answers_arrive(page, context):
    new_comparison(page)
    other = context.new_page()
    other.goto(page.url)

    send(page, "Write a short poem about rivers.")

    expect(other.locator("[data-status=finished]")).to_have_count(2)
    expect(other.locator("h1")).to_have_text("Write a short poem about rivers.")
