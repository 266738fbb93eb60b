"""Failures of a provider as the page shows them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

from playground.demo import scenarios
from playground.demo.answers import ScriptedAnswer
from playground.demo.steps import Steps, json_response
from tests.browser.choosing import choose_model
from tests.browser.test_accessibility import violations
from tests.browser.test_streamed_answer import finished, last_answer, send

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from playground.demo.replies import Reply
    from playground.demo.server import DemoServer
    from tests.installation import Installation

# The model answers as the test says and has the parameters of the demo's plain model.
ADD_MODEL = """
from playground.models import Endpoint, UpstreamModel
if not UpstreamModel.objects.filter(model_id="scripted/told").exists():
    endpoint = Endpoint.objects.get(model__provider__code="scripted", model__model_id="demo/plain")
    model = endpoint.model
    model.pk, model.model_id, model.name, model.position = None, "scripted/told", "Told What To Do", 400
    model.save()
    endpoint.pk, endpoint.model = None, model
    endpoint.request_schema["properties"]["model"] = {"type": "string"}
    from playground.parameters.schema.request_schema import digest_of
    endpoint.schema_digest = digest_of(endpoint.request_schema)
    endpoint.save()
"""

Play = Callable[["Reply", dict[str, Any]], Steps]


@pytest.fixture
def told(
    installation: Installation, upstream: DemoServer, monkeypatch: pytest.MonkeyPatch, page: Page
) -> Iterator[Callable[[Play], None]]:
    """Return a function that sets the model's next answer, after choosing the model on the page."""
    installation.manage("shell", "-v", "0", "-c", ADD_MODEL)
    page.reload()
    if page.locator(".picker-current").inner_text() != "Told What To Do":
        choose_model(page, "Told What To Do")

    def tell(play: Play) -> None:
        monkeypatch.setitem(
            scenarios.SCENARIOS, "told", lambda reply, options: play(reply, upstream.requests[-1].body)
        )

    yield tell


def failed(page: Page) -> None:
    expect(last_answer(page)).to_have_attribute("data-status", "failed")


def set_parameter(page: Page, name: str, value: str) -> None:
    box = page.get_by_label(name, exact=True).first
    box.fill(value)
    with page.expect_response("**/configure/"):
        box.press("Tab")


def test_a_refused_parameter_is_dropped_with_one_key(page: Page, told, upstream: DemoServer):
    def picky(reply: Reply, body: dict[str, Any]) -> Steps:
        if "temperature" in body:
            words = "Unsupported parameter: 'temperature' is not supported with this model."
            error = {"message": words, "param": "temperature", "code": "unsupported_parameter"}
            return json_response(400, {"error": error})
        return reply.stream(ScriptedAnswer.of("The kettle is warm."))

    told(picky)
    set_parameter(page, "temperature", "0.5")
    send(page, "How is the kettle?")
    page.wait_for_url("**/c/**")
    failed(page)
    answer = last_answer(page)
    expect(answer.get_by_role("heading", name="Scripted refused temperature")).to_be_visible()
    expect(answer.locator("blockquote")).to_contain_text("is not supported with this model")
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        assert violations(page) == []

    answer.get_by_role("button", name="Send again without temperature").focus()
    page.keyboard.press("Enter")
    finished(page)
    expect(last_answer(page)).to_contain_text("The kettle is warm.")
    expect(last_answer(page).locator(".siblings")).to_contain_text("2 / 2")
    expect(page.get_by_label("temperature", exact=True).first).to_have_value("")
    expect(page.get_by_label("Prompt", exact=True)).to_be_focused()
    assert "temperature" not in upstream.requests[-1].body


def test_a_busy_provider_is_waited_for_in_sight(page: Page, told):
    tries: list[int] = []

    def busy_at_first(reply: Reply, body: dict[str, Any]) -> Steps:
        tries.append(1)
        if len(tries) == 1:
            return json_response(503, {"message": "Too many people want tea."}, ("retry-after", "2"))
        return reply.stream(ScriptedAnswer.of("The kettle is warm."))

    told(busy_at_first)
    send(page, "How is the kettle?")
    page.wait_for_url("**/c/**")
    notice = last_answer(page).locator(".retrying")
    expect(notice).to_contain_text("Scripted is busy")
    expect(notice).to_contain_text("(attempt 2 of 3)")
    finished(page)
    expect(last_answer(page)).to_contain_text("The kettle is warm.")
    expect(notice).to_have_count(0)
    assert len(tries) == 2


def test_waiting_can_be_stopped(page: Page, told, upstream: DemoServer):
    told(lambda reply, body: json_response(503, {"message": "Not now."}, ("retry-after", "30")))
    send(page, "How is the kettle?")
    page.wait_for_url("**/c/**")
    expect(last_answer(page).locator(".retrying")).to_contain_text("trying again in")
    asked = len(upstream.requests)
    page.get_by_role("button", name="Stop", exact=True).click()
    expect(last_answer(page)).to_have_attribute("data-status", "stopped")
    assert len(upstream.requests) == asked


def test_a_page_that_is_opened_while_it_waits_says_so(page: Page, told):
    told(lambda reply, body: json_response(503, {"message": "Not now."}, ("retry-after", "30")))
    send(page, "How is the kettle?")
    page.wait_for_url("**/c/**")
    expect(last_answer(page).locator(".retrying")).to_be_visible()
    page.reload()
    expect(last_answer(page).locator(".retrying")).to_contain_text("Scripted is busy")
    assert violations(page) == []
    page.get_by_role("button", name="Stop", exact=True).click()
    expect(last_answer(page)).to_have_attribute("data-status", "stopped")


def test_a_token_limit_is_raised_with_one_click(page: Page, told, upstream: DemoServer):
    def short(reply: Reply, body: dict[str, Any]) -> Steps:
        is_short = body.get("max_tokens", 0) < 600
        yield reply.head()
        if is_short:
            yield reply.delta({"reasoning_content": "Somebody wants tea."}, is_token=True)
            yield reply.delta({}, finish_reason="length")
        else:
            yield from reply.pieces(ScriptedAnswer.of("The kettle is warm."))
            yield reply.delta({}, finish_reason="stop")

    told(short)
    set_parameter(page, "max_tokens", "300")
    send(page, "How is the kettle?")
    page.wait_for_url("**/c/**")
    finished(page)
    expect(last_answer(page)).to_contain_text("before the answer began: reasoning used all of it")
    assert violations(page) == []
    last_answer(page).get_by_role("button", name="Raise max_tokens to 1200 and answer again").click()
    expect(last_answer(page)).to_contain_text("The kettle is warm.")
    finished(page)
    expect(page.get_by_label("max_tokens", exact=True).first).to_have_value("1200")
    assert upstream.requests[-1].body["max_tokens"] == 1200
