"""Parts of an answer besides its text: reasoning, tool calls, pictures, sound and probabilities."""

from __future__ import annotations

import base64
import io
import re
import wave
from typing import TYPE_CHECKING, Any

from PIL import Image
from playwright.sync_api import expect

from playground.demo.answers import ScriptedAnswer
from playground.demo.answers.answer import ScriptedToolCall
from playground.demo.steps import DONE, Steps, event
from tests.browser.test_accessibility import violations
from tests.browser.test_failures import told  # noqa: F401 - the model that says what it is told to
from tests.browser.test_streamed_answer import finished, last_answer, send

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from playground.demo.replies import Reply
    from playground.demo.server import DemoServer

_CALLS = (
    ScriptedToolCall("call_a", "get_weather", '{"city": "Oslo"}'),
    ScriptedToolCall("call_b", "get_weather", '{"city": "Rome"}'),
)


def _ask_then_thank(reply: Reply, body: dict[str, Any]) -> Steps:
    is_told = body["messages"][-1]["role"] == "tool"
    return reply.stream(
        ScriptedAnswer.of("Thank you.") if is_told else ScriptedAnswer.of("", tool_calls=_CALLS)
    )


def test_a_person_says_what_came_of_the_calls(page: Page, told, upstream: DemoServer):  # noqa: F811
    told(_ask_then_thank)
    send(page, "What is the weather?")
    page.wait_for_url("**/c/**")
    finished(page)
    expect(last_answer(page).locator(".tool-call")).to_have_count(2)
    results = last_answer(page).get_by_role("form", name="Results of the calls")
    expect(results).to_be_visible()
    assert violations(page) == []

    first, second = (results.get_by_label(f"Result of get_weather, call {place}") for place in (1, 2))
    first.fill('{"sky": ')
    second.fill("No such city")
    results.get_by_label("It failed").nth(1).check()
    results.get_by_role("button", name="Send all results").click()
    # The reason stands at the box, and nothing that was typed is lost.
    expect(first).to_be_focused()
    expect(first).to_have_accessible_description(re.compile("This is not JSON"))
    expect(second).to_have_value("No such city")
    assert violations(page) == []
    first.fill('{"sky": "rain"}')
    expect(first).not_to_have_attribute("aria-invalid", "true")
    results.get_by_role("button", name="Send all results").click()

    expect(page.locator(".message.tool")).to_have_count(2)
    expect(last_answer(page)).to_contain_text("Thank you.")
    finished(page)
    assert [message["content"] for message in upstream.requests[-1].body["messages"][-2:]] == [
        '{"sky": "rain"}',
        "Error: No such city",
    ]
    # All requested calls have results.
    expect(page.locator(".tool-results:visible")).to_have_count(0)
    assert violations(page) == []
    shown = page.locator(".thread").inner_text()
    page.reload()
    assert page.locator(".thread").inner_text() == shown


def _three_answers(reply: Reply, body: dict[str, Any]) -> Steps:
    yield reply.head()
    for piece in ("A ", "**kettle** ", "sings."):
        for index in range(3):
            choice = {"index": index, "delta": {"content": f"{piece}"}, "finish_reason": None}
            yield event(reply.chunk([choice]), is_token=True)
    said = {"content": " (Told by the second.)"}
    yield event(reply.chunk([{"index": 1, "delta": said, "finish_reason": None}]), is_token=True)
    for index in range(3):
        yield event(reply.chunk([{"index": index, "delta": {}, "finish_reason": "stop"}]))
    yield DONE


def test_several_answers_are_tabs_and_one_of_them_goes_on(page: Page, told, upstream: DemoServer):  # noqa: F811
    told(_three_answers)
    gate = upstream.hold_after(8)
    send(page, "Say it three times")
    page.wait_for_url("**/c/**")
    expect(last_answer(page).locator(".live-choice")).to_have_count(2)
    gate.release()
    finished(page)

    tabs = last_answer(page).get_by_role("tab")
    expect(tabs).to_have_count(3)
    assert violations(page) == []
    panel = last_answer(page).get_by_role("tabpanel")
    expect(panel).not_to_contain_text("Told by the second")
    tabs.nth(0).focus()
    page.keyboard.press("ArrowRight")
    expect(tabs.nth(1)).to_be_focused()
    expect(panel).to_contain_text("Told by the second")
    panel.get_by_role("button", name="Continue from this answer").click()
    expect(tabs.nth(1)).to_contain_text("the conversation continues from it")
    assert violations(page) == []

    upstream.stage.gate = None
    send(page, "Once more")
    # The answer before it has finished already and must not match.
    expect(page.locator(".message.assistant")).to_have_count(2)
    finished(page)
    assert upstream.requests[-1].body["messages"][1]["content"].endswith("(Told by the second.)")
    page.reload()
    expect(page.locator(".message.assistant").first.get_by_role("tabpanel")).to_contain_text("the second")
    expect(page.get_by_role("button", name="Continue from this answer")).to_have_count(0)


def _pictured_and_spoken(reply: Reply, body: dict[str, Any]) -> Steps:
    picture = io.BytesIO()
    Image.new("RGB", (320, 200), "teal").save(picture, "PNG")
    sound = io.BytesIO()
    with wave.open(sound, "wb") as track:
        track.setparams((1, 2, 8000, 0, "NONE", ""))
        track.writeframes(b"\0\0" * 4000)
    image = {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{_base64(picture)}"}}
    yield reply.head()
    yield reply.delta({"content": "Here you are."}, is_token=True)
    yield reply.delta({"images": [image]})
    yield reply.delta({"audio": {"id": "audio_1", "data": _base64(sound), "transcript": "Spoken words."}})
    yield reply.delta({}, finish_reason="stop")
    yield DONE


def _base64(content: io.BytesIO) -> str:
    return base64.b64encode(content.getvalue()).decode()


def test_pictures_and_sound_are_shown_and_played(page: Page, told):  # noqa: F811
    told(_pictured_and_spoken)
    send(page, "Draw and speak")
    page.wait_for_url("**/c/**")
    finished(page)
    image = last_answer(page).locator(".answer-images img")
    expect(image).to_be_visible()
    page.wait_for_function("() => document.querySelector('.answer-images img').naturalWidth === 320")
    page.wait_for_function("() => document.querySelector('.answer-audio audio').duration === 0.5")
    expect(last_answer(page)).to_contain_text("Spoken words.")
    assert violations(page) == []
    page.reload()
    expect(last_answer(page).locator(".answer-images img, .answer-audio audio")).to_have_count(2)


def _unsure(reply: Reply, body: dict[str, Any]) -> Steps:
    other = [{"token": "tea", "logprob": -0.5}]
    yield reply.head()
    for word, number in (("Hot", -0.01), (" kettle", -2.5), (".", -0.3)):
        content = [{"token": word, "logprob": number, "top_logprobs": other}]
        choice = {"index": 0, "delta": {"content": word}, "logprobs": {"content": content}}
        yield event(reply.chunk([{**choice, "finish_reason": None}]), is_token=True)
    yield reply.delta({}, finish_reason="stop")
    yield DONE


def test_how_likely_each_token_was_is_fetched_when_it_is_opened(page: Page, told):  # noqa: F811
    told(_unsure)
    send(page, "How sure are you?")
    page.wait_for_url("**/c/**")
    finished(page)
    expect(page.locator(".logprob-tokens")).to_have_count(0)
    page.get_by_text("How likely each token was").click()
    expect(page.locator(".logprob-tokens > span")).to_have_count(3)
    expect(page.get_by_role("row").filter(has_text="kettle")).to_contain_text("“tea” 61 %")
    assert violations(page) == []
    page.emulate_media(color_scheme="dark")
    assert violations(page) == []
