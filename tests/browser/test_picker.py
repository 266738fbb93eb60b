"""Finding and choosing a model among many: by mouse, by keyboard alone, and on a phone."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.browser.test_accessibility import violations_in_both

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Locator, Page

    from tests.installation import Installation


def opened(page: Page) -> Locator:
    page.locator("#picker-button").click()
    page.locator(".picker-row:visible").first.wait_for()
    return page.get_by_role("dialog", name="Choose a model")


def find(picker: Locator) -> Locator:
    return picker.get_by_label("Find a model")


def shown(picker: Locator) -> list[str]:
    names = picker.locator("[data-model]:not([hidden]) b")
    return names.all_text_contents()


def promise(box: Locator) -> int:
    """Return how many models a filter says that it would leave."""
    return int(box.locator("xpath=..").locator(".picker-many").inner_text())


def count(picker: Locator) -> Locator:
    return picker.get_by_role("status")


def focused(page: Page) -> str:
    return str(
        page.evaluate("document.activeElement.closest('[data-model]')?.querySelector('b').textContent")
    )


@pytest.fixture
def picker(page: Page, installation: Installation) -> Iterator[Locator]:
    yield opened(page)
    # Favourites must not reach the tests after this one.
    page.close()
    installation.query("FavouriteModel.objects.all().delete()[0]")


def test_the_list_comes_when_it_is_asked_for(page: Page):
    assert page.locator("[data-model] b").count() == 0
    with page.expect_response("**/picker/") as first:
        opened(page)
    assert first.value.status == 200
    page.keyboard.press("Escape")
    page.reload()
    with page.expect_response("**/picker/") as again:
        opened(page)
    # The browser asks whether its copy is still valid, and the answer is a short 304.
    assert again.value.request.all_headers()["if-none-match"] == first.value.all_headers()["etag"]
    assert page.locator(".picker-row").count() > 100


def test_it_is_found_by_name_id_developer_and_what_it_can_do(picker: Locator):
    everything = len(shown(picker))
    expect(count(picker)).to_have_text(f"{everything} models")
    for asked, name in {
        "alibaba/qwen3.6-35b": "Qwen3.6 35B A3B",
        "built-in slow": "Demo Slow",
        "demo reasoning tools": "Demo Polyglot",
        "claude ai/ml": "Claude Opus 4.5",
    }.items():
        find(picker).fill(asked)
        assert name in shown(picker)
        expect(count(picker)).to_have_text(re.compile(rf"^{len(shown(picker))} of {everything} models$"))


def test_what_is_called_so_comes_before_what_only_can_do_it(page: Page, picker: Locator):
    find(picker).fill("demo polyglot")
    page.keyboard.press("Enter")
    expect(page.locator(".picker-current")).to_have_text("Demo Polyglot")
    page.reload()
    # This model was used last and has tools, but it does not match the search.
    again = opened(page)
    find(again).fill("demo tools")
    assert shown(again)[0] == "Demo Tools"
    assert "Demo Polyglot" in shown(again)
    expect(again.get_by_role("heading", name="All others")).to_be_hidden()
    find(again).fill("")
    expect(again.get_by_role("region", name="Recently used").locator("b").first).to_have_text("Demo Polyglot")
    find(again).fill("demo tools")
    page.keyboard.press("Enter")
    expect(page.locator(".picker-current")).to_have_text("Demo Tools")


def test_an_id_is_as_good_as_a_name(picker: Locator):
    for asked in ("alibaba/qwen3.6-35b-a3b", "qwen3.6-35b-a3b"):
        find(picker).fill(asked)
        assert shown(picker)[0] == "Qwen3.6 35B A3B"


def test_filters_combine_and_say_what_each_would_leave(picker: Locator):
    everything = len(shown(picker))
    for name in ("vision", "tools"):
        box = picker.get_by_role("checkbox", name=re.compile(f"^{name}"))
        promised = promise(box)
        box.check()
        assert len(shown(picker)) == promised
    alibaba = picker.get_by_role("checkbox", name=re.compile("^Alibaba"))
    promised = promise(alibaba)
    alibaba.check()
    assert len(shown(picker)) == promised
    context = picker.get_by_role("radio", name=re.compile("^32k"))
    promised = promise(context)
    context.check()
    left = shown(picker)
    assert 0 < len(left) == promised < everything
    assert all(name.startswith("Qwen") for name in left)
    picker.get_by_role("button", name="Clear the filters").click()
    assert len(shown(picker)) == everything


def test_what_can_be_used_at_once_is_one_filter_away(picker: Locator):
    locked = picker.locator(".picker-facts", has_text="needs an AI/ML API key").count()
    ready = picker.get_by_role("checkbox", name=re.compile("^Ready to use"))
    promised = promise(ready)
    ready.check()
    assert 0 < len(shown(picker)) == promised == picker.locator("[data-model]").count() - locked
    assert "Demo Plain" in shown(picker)


def test_a_provider_is_a_filter(picker: Locator):
    scripted = picker.get_by_role("checkbox", name=re.compile("^Scripted"))
    promised = promise(scripted)
    scripted.check()
    assert 0 < len(shown(picker)) == promised
    # Other tests add models to this provider, some without its name in theirs.
    expect(picker.locator('[data-model]:not([hidden]):not([data-from="Scripted"])')).to_have_count(0)
    demo = picker.locator(".picker-row:visible").filter(has_text="Built-in demo through Scripted · 32k")
    expect(demo.first).to_be_visible()


def test_what_is_ticked_is_still_ticked_the_next_time(page: Page, picker: Locator):
    picker.get_by_role("checkbox", name=re.compile("^audio")).check()
    left = shown(picker)
    page.keyboard.press("Escape")
    assert shown(opened(page)) == left


def test_nothing_found_shows_the_way_out(page: Page, picker: Locator):
    everything = len(shown(picker))
    picker.get_by_role("checkbox", name=re.compile("^audio")).check()
    find(picker).fill("no model is called this")
    expect(picker.get_by_text("No models match.")).to_be_visible()
    picker.get_by_role("button", name="Start over").click()
    assert len(shown(picker)) == everything
    assert find(picker).input_value() == ""
    expect(find(picker)).to_be_focused()


def test_it_sorts_and_puts_what_has_no_price_last(picker: Locator):
    picker.get_by_label("Sort by").select_option("Cheapest first")
    prices = picker.locator(".picker-row .picker-price").all_text_contents()
    # A free model costs nothing, so it comes before all that have a price.
    known = [price for price in prices if price == "free" or " / $" in price]
    outputs = [0.0 if price == "free" else float(price.split(" / $")[1]) for price in known]
    assert {"free", "price unknown"} < set(prices)
    assert outputs == sorted(outputs)
    assert prices[: len(known)] == known
    picker.get_by_label("Sort by").select_option("By name")
    names = [name.casefold() for name in shown(picker)]
    assert names[0] < names[-1]


def test_a_favourite_comes_first_and_is_remembered(page: Page, picker: Locator):
    find(picker).fill("demo slow")
    with page.expect_response("**/favourite/"):
        picker.get_by_role("button", name="Favourite: Demo Slow", exact=True).click()
    page.keyboard.press("Escape")
    page.reload()
    favourites = opened(page).get_by_role("region", name="Favourites")
    expect(favourites.locator("b")).to_have_text(["Demo Slow"])
    assert favourites.get_by_role("button", pressed=True).count() == 1


def test_what_was_chosen_last_is_at_hand(page: Page, picker: Locator):
    find(picker).fill("demo tools")
    picker.locator(".picker-row:visible", has_text="Demo Tools").first.click()
    expect(page.locator(".picker-current")).to_have_text("Demo Tools")
    expect(picker).to_be_hidden()
    page.reload()
    used = opened(page).get_by_role("region", name="Recently used")
    expect(used.locator("b").first).to_have_text("Demo Tools")
    assert page.locator('.picker-row[aria-current="true"] b').inner_text() == "Demo Tools"


def test_the_keyboard_is_enough(page: Page):
    page.locator("#picker-button").focus()
    page.keyboard.press("Enter")
    page.locator(".picker-row").first.wait_for()
    picker = page.get_by_role("dialog", name="Choose a model")
    expect(find(picker)).to_be_focused()
    names = shown(picker)
    page.keyboard.press("ArrowDown")
    assert focused(page) == names[0]
    page.keyboard.press("ArrowDown")
    assert focused(page) == names[1]
    page.keyboard.press("End")
    assert focused(page) == names[-1]
    page.keyboard.press("Home")
    assert focused(page) == names[0]
    page.keyboard.press("ArrowRight")
    expect(picker.locator(".picker-star").first).to_be_focused()
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowUp")
    expect(find(picker)).to_be_focused()
    page.keyboard.press("ArrowDown")
    # Letters typed on a row continue the search.
    page.keyboard.type("demo markd")
    expect(find(picker)).to_have_value("demo markd")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.locator(".picker-current")).to_have_text(re.compile("Demo Markdown"))
    # The text typed next goes to it.
    expect(page.get_by_label("Prompt", exact=True)).to_be_focused()
    page.locator("#picker-button").press("Enter")
    expect(find(picker)).to_be_focused()
    page.keyboard.press("Escape")
    expect(picker).to_be_hidden()
    expect(page.locator("#picker-button")).to_be_focused()


def test_enter_waits_for_a_list_that_is_still_on_its_way(page: Page):
    slow = {"offline": False, "latency": 500, "downloadThroughput": -1, "uploadThroughput": -1}
    page.context.new_cdp_session(page).send("Network.emulateNetworkConditions", slow)
    page.locator("#picker-button").click()
    page.get_by_label("Find a model").fill("demo slow")
    page.keyboard.press("Enter")
    expect(page.locator(".picker-current")).to_have_text(re.compile("Demo Slow"))


def test_a_list_that_cannot_be_fetched_can_be_asked_for_again(page: Page):
    page.route("**/picker/", lambda route: route.abort())
    page.locator("#picker-button").click()
    picker = page.get_by_role("dialog", name="Choose a model")
    expect(picker.get_by_role("alert")).to_contain_text("could not be fetched")
    page.unroute("**/picker/")
    picker.get_by_role("button", name="Try again").click()
    picker.locator(".picker-row").first.wait_for()
    expect(picker.get_by_role("alert")).to_be_hidden()


def test_signed_out_meanwhile_no_other_page_comes_into_the_picker(page: Page):
    page.context.clear_cookies()
    page.locator("#picker-button").click()
    picker = page.get_by_role("dialog", name="Choose a model")
    expect(picker.get_by_role("alert")).to_contain_text("could not be fetched")
    expect(picker.get_by_label("Password")).to_have_count(0)


def test_a_model_that_was_switched_off_meanwhile_is_explained(page: Page, installation: Installation):
    find_slow = "UpstreamModel.objects.get(provider__code='demo', model_id='demo/slow')"
    picker = opened(page)
    installation.query(
        "__import__('playground.flows.set_model', fromlist=['x']).set_model("
        f"Workspace.objects.get(slug='acme-research'), {find_slow}, {{'is_enabled': False}}, [], "
        "actor=User.objects.first())"
    )
    try:
        find(picker).fill("demo slow")
        picker.locator(".picker-row:visible", has_text="Demo Slow").first.click()
        expect(picker.get_by_role("alert")).to_contain_text("may have been switched off")
        expect(picker.locator("b", has_text=re.compile("^Demo Slow$"))).to_have_count(0)
    finally:
        installation.query(f"{find_slow}.settings.all().delete()")


def test_it_is_accessible(page: Page, picker: Locator):
    picker.locator(".picker-star").first.click()
    for width in (1440, 390):
        page.set_viewport_size({"width": width, "height": 844})
        assert violations_in_both(page) == []


def test_on_a_phone_it_is_a_sheet_with_its_filters_behind_a_button(page: Page, picker: Locator):
    page.set_viewport_size({"width": 390, "height": 844})
    box = picker.bounding_box()
    assert box and (box["width"], box["height"]) == (390, 844)
    audio = picker.get_by_role("checkbox", name=re.compile("^audio"))
    expect(audio).to_be_hidden()
    picker.get_by_role("button", name="Filters").click()
    audio.check()
    picker.get_by_role("button", name="Show the models").click()
    expect(audio).to_be_hidden()
    expect(picker.get_by_role("button", name="Filters 1")).to_be_visible()
    assert 0 < len(shown(picker)) < 50
