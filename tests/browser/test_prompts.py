"""The library of prompts: written, versioned, imported, used and listed in the composer."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from playwright.sync_api import expect

from tests.browser.comparing import new_comparison
from tests.browser.test_accessibility import violations_in_both
from tests.chat.prompt_samples import PROMPTFOO, RESPONSE, as_text

if TYPE_CHECKING:
    from playwright.sync_api import Page, ViewportSize

LIBRARY = "/w/acme-research/prompts/"
PHONE: ViewportSize = {"width": 390, "height": 844}


def write(page: Page, name: str, system: str, text: str) -> None:
    """Write a new prompt with the mouse."""
    page.goto(f"{LIBRARY}new/")
    page.get_by_label("Name", exact=True).fill(name)
    page.get_by_label("System prompt").fill(system)
    page.get_by_label("Text of message 1").fill(text)
    expect(page.locator(".prompt-variable")).to_have_count(
        len(set(re.findall(r"\{\{\w+\}\}", system + text)))
    )
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text(f"{name} is saved.")).to_be_visible()


def test_a_prompt_is_written_changed_compared_restored_and_pinned(page: Page) -> None:
    write(page, "Reply", "Answer {{who}}.", "{{question}}")
    page.get_by_label("Type of who").select_option("choice")
    page.get_by_label("Choices, one in each line").fill("Ana\nBo")
    page.get_by_role("button", name="Add an answer").click()
    expect(page.get_by_label("Text of message 2")).to_be_focused()
    page.get_by_role("button", name="Remove message 2").click()
    expect(page.get_by_label("Text of message 2")).to_have_count(0)
    page.get_by_label("System prompt").fill("Help {{who}} kindly.")
    page.get_by_label("What changed").fill("kinder")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Version 2 of Reply is saved.")).to_be_visible()
    assert violations_in_both(page) == []

    page.get_by_role("link", name="Versions").click()
    expect(page.locator("ins").first).to_have_text("Help")
    page.get_by_role("button", name="Pin for production").click()
    expect(page.get_by_text("Version 2 is pinned for production.")).to_be_visible()
    page.get_by_role("link", name=re.compile("Version 1")).click()
    page.get_by_role("button", name="Restore").click()
    expect(page.get_by_text("Version 1 is restored as version 3.")).to_be_visible()
    assert violations_in_both(page) == []


def test_two_people_who_edit_learn_of_each_other(page: Page) -> None:
    write(page, "Shared", "First {{x}}", "Text")
    other = page.context.new_page()
    other.goto(page.url)
    other.get_by_label("System prompt").fill("Theirs {{x}}")
    other.get_by_role("button", name="Save").click()
    expect(other.get_by_text("Version 2 of Shared is saved.")).to_be_visible()

    page.get_by_label("System prompt").fill("Mine {{x}}")
    page.get_by_role("button", name="Save").click()

    expect(page.get_by_text("saved version 2 while you were editing")).to_be_visible()
    expect(page.get_by_label("System prompt")).to_have_value("Mine {{x}}")
    expect(page.locator("ins").first).to_have_text("Theirs")
    assert violations_in_both(page) == []
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Version 3 of Shared is saved.")).to_be_visible()


def test_parameters_are_set_in_the_form_of_the_model(page: Page) -> None:
    page.set_viewport_size(PHONE)
    write(page, "Cool", "", "Text")
    page.get_by_label("Parameters, tools and output schema").fill('{"min_p": 0.1}')
    page.locator("#prompt-model-name").select_option("demo demo/plain")
    expect(page.get_by_text("Demo Plain does not take these.")).to_be_visible()
    box = page.locator("[name='p.temperature']")
    box.fill("9")
    expect(page.get_by_text("Must be at most 2.")).to_be_visible()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Must be at most 2.")).to_be_visible()
    assert violations_in_both(page) == []
    # The form is the page's own after it came back with an error too.
    box.fill("0.5")
    expect(page.get_by_text("Must be at most 2.")).to_be_hidden()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Version 2 of Cool is saved.")).to_be_visible()
    expect(box).to_have_value("0.5")
    expect(page.get_by_role("checkbox", name="min_p")).to_be_checked()


def test_the_composer_takes_a_prompt_by_keyboard(page: Page) -> None:
    write(page, "Quokka summary", "", "Summarise {{matter}} in {{count}} words.")
    page.goto("/w/acme-research/")
    box = page.get_by_label("Prompt", exact=True)
    box.press_sequentially("/quo")
    expect(page.get_by_role("option", name=re.compile("Quokka summary"))).to_have_attribute(
        "aria-selected", "true"
    )
    assert violations_in_both(page) == []
    page.keyboard.press("Escape")
    expect(page.locator("#prompt-pick")).to_be_hidden()
    box.fill("")
    box.press_sequentially("/quokka")
    expect(page.get_by_role("option", name=re.compile("Quokka summary"))).to_be_visible()
    page.keyboard.press("Enter")

    dialog = page.locator("#prompt-values")
    expect(dialog.get_by_label("matter")).to_be_focused()
    page.keyboard.press("Enter")
    expect(dialog.get_by_text("Enter a value.").first).to_be_visible()
    assert violations_in_both(page) == []
    page.keyboard.type("the page")
    page.keyboard.press("Tab")
    page.keyboard.type("3")
    page.keyboard.press("Enter")
    expect(box).to_have_value("Summarise the page in 3 words.")
    expect(box).to_be_focused()
    # A path is no name of a prompt: the keys are the composer's again.
    box.fill("/etc/hosts")
    expect(page.locator("#prompt-pick")).to_be_hidden()

    new_comparison(page)
    shared = page.locator(".compare-composer .prompt")
    shared.press_sequentially("/quokka")
    expect(page.get_by_role("option", name=re.compile("Quokka summary"))).to_be_visible()
    page.keyboard.press("Enter")
    dialog.get_by_label("matter").fill("it")
    dialog.get_by_label("count").fill("2")
    page.keyboard.press("Enter")
    expect(shared).to_have_value("Summarise it in 2 words.")
    expect(shared).to_be_focused()


def test_a_whole_prompt_opens_from_the_composer_on_a_phone(page: Page) -> None:
    write(page, "Yak advice", "You advise {{who}}.", "{{what}}?")
    page.set_viewport_size(PHONE)
    page.goto("/w/acme-research/")
    page.get_by_label("Prompt", exact=True).press_sequentially("/yak")
    page.get_by_role("option", name=re.compile("Yak advice")).click()
    dialog = page.locator("#prompt-values")
    dialog.get_by_label("who").fill("Ana")
    dialog.get_by_label("what").fill("Where")
    assert violations_in_both(page) == []
    dialog.get_by_role("button", name="Open in a new chat").click()
    page.wait_for_url("**/w/acme-research/?opened")
    expect(page.get_by_label("Prompt", exact=True)).to_have_value("Where?")
    expect(page.locator("#system-prompt-new").get_by_text("You advise Ana.").first).to_be_visible()


def test_a_conversation_becomes_a_prompt_and_is_used(page: Page) -> None:
    page.get_by_label("Prompt", exact=True).fill("Say hello to {{name}}")
    page.get_by_role("button", name="Send", exact=True).click()
    page.wait_for_url("**/c/**")
    # An answer that is still written has no text to save.
    expect(page.locator("[data-status=finished]")).to_have_count(1)
    page.get_by_label("More about this conversation").click()
    page.get_by_role("link", name="Save as a prompt…").click()
    page.get_by_label("Name", exact=True).fill("Kept chat")
    assert violations_in_both(page) == []
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Kept chat is saved.")).to_be_visible()
    page.get_by_role("link", name="Use", exact=True).click()
    page.get_by_role("button", name="Open in a new chat").click()
    expect(page.get_by_text("Enter a value.")).to_be_visible()
    page.get_by_label("name").fill("Bo")
    page.get_by_role("button", name="Open in a new chat").click()
    page.wait_for_url("**/c/**")
    expect(page.get_by_text("Say hello to Bo").first).to_be_visible()


def test_prompts_of_other_tools_are_imported_and_exported(page: Page) -> None:
    page.goto(LIBRARY)
    page.get_by_role("link", name="Import").first.click()
    page.get_by_label("Text").fill('{"hello": ["world"]')
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_text("Expected is a response of OpenAI")).to_be_visible()
    assert violations_in_both(page) == []
    page.get_by_label("Text").fill(as_text(RESPONSE))
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_text("{{town}} was put back in 2 places.")).to_be_visible()
    assert violations_in_both(page) == []
    page.get_by_role("button", name="Import").click()
    expect(page.get_by_text("pmpt_77 is imported.")).to_be_visible()
    expect(page.get_by_label("System prompt")).to_have_value(re.compile("You know {{town}}"))

    page.get_by_role("link", name="Export").click()
    expect(page.locator(".code-text").first).to_contain_text("You know {{town}}")
    page.get_by_role("tab", name="Python, openai").click()
    expect(page.locator(".code-text:visible")).to_contain_text("openai")
    with page.expect_download() as download:
        page.get_by_role("link", name="Download").click()
    assert download.value.suggested_filename == "pmpt_77.json"
    page.set_viewport_size(PHONE)
    assert violations_in_both(page) == []


def test_the_tests_of_promptfoo_are_listed(page: Page) -> None:
    page.set_viewport_size(PHONE)
    page.goto(f"{LIBRARY}import/")
    page.get_by_label("Text").fill(PROMPTFOO)
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_text("not contains: sorry")).to_be_visible()
    expect(page.get_by_text("python len(output)")).to_be_visible()
    assert violations_in_both(page) == []


def test_the_list_is_narrowed_and_deleted_prompts_come_back(page: Page) -> None:
    write(page, "Walrus", "Words {{w}}", "Text")
    page.locator(".confirm summary").click()
    page.get_by_role("button", name="Delete").click()
    expect(page.get_by_text("Walrus was deleted.")).to_be_visible()
    page.get_by_role("button", name="Bring back Walrus").click()
    expect(page.get_by_text("Walrus is back.")).to_be_visible()
    page.get_by_role("searchbox").fill("walrus")
    expect(page.locator(".library-row")).to_have_count(1)
    assert violations_in_both(page) == []
