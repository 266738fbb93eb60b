"""The sync of a server's models, and a document with other parameters for one of them."""

from __future__ import annotations

import json
import threading
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.browser.test_accessibility import violations
from tests.scripted_catalogue import ScriptedCatalogue, body_for

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Page

CATALOGUE = "/w/acme-research/catalogue/"


@pytest.fixture
def server() -> Iterator[ScriptedCatalogue]:
    server = ScriptedCatalogue()
    server.models = {name: {"id": name} for name in ("qwen3", "llama3")}
    yield server
    server.close()


def add_server(page: Page, server: ScriptedCatalogue, name: str) -> None:
    page.goto("/w/acme-research/providers/add/")
    page.get_by_label("Name").fill(name)
    page.get_by_label("Address", exact=True).fill(server.base_url)
    # It is added without its models, so that the sync finds them.
    server.list_answer = lambda handler: handler.send(404, b"{}")
    page.get_by_role("button", name="Add server").click()
    page.get_by_role("button", name="Save it anyway").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(name)
    server.list_answer = None
    server.requests.clear()


def test_a_sync_is_watched_from_its_start_to_its_end(page: Page, server):
    add_server(page, server, "Watched")
    may_answer = threading.Event()
    server.list_answer = lambda handler: (may_answer.wait(30), server._list(handler))

    page.goto(CATALOGUE)
    part = page.get_by_role("region", name="Watched")
    button = part.get_by_role("button")
    expect(part).to_contain_text("Never synced")
    button.focus()
    page.keyboard.press("Enter")
    expect(part).to_contain_text("Asking for the list of models")
    expect(button).to_have_attribute("aria-disabled", "true")
    assert violations(page) == []
    # A page that is opened later shows the same sync.
    page.reload()
    expect(part).to_contain_text("Asking for the list of models")
    button.focus()
    with page.expect_response("**/sync/"):
        page.keyboard.press("Enter")

    may_answer.set()
    expect(part).to_contain_text("Synced")
    expect(part.locator("dl")).to_contain_text("Added2")
    expect(button).to_be_focused()
    part.get_by_text("Added", exact=False).last.click()
    expect(part.get_by_text("qwen3")).to_be_visible()
    assert server.paths == ["/v1/models"]
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        assert violations(page) == []


def test_a_server_that_is_away_is_said_so(page: Page, server):
    add_server(page, server, "Away")
    server.list_answer = lambda handler: handler.send(404, b"{}")
    page.goto(CATALOGUE)
    part = page.get_by_role("region", name="Away")
    part.get_by_role("button").click()
    expect(part).to_contain_text("The last sync did not finish.")
    assert violations(page) == []


def test_a_model_gets_the_parameters_of_a_document(page: Page, server, tmp_path):
    add_server(page, server, "Documented")
    page.get_by_label("Model ids").fill("qwen3")
    page.get_by_role("button", name="Add models").click()
    page.get_by_role("link", name="Parameters of qwen3").click()
    path = tmp_path / "openapi.json"
    path.write_text(json.dumps(body_for("qwen3", top_k={"type": "integer", "minimum": 1})))
    page.get_by_label("File").set_input_files(path)
    page.get_by_role("button", name="Import").click()
    expect(page.get_by_role("status")).to_contain_text("2 parameters")
    expect(page.get_by_label("JSON schema of the request")).to_have_value(
        json.dumps(
            body_for("qwen3", top_k={"type": "integer", "minimum": 1})["paths"]["/v1/chat/completions"][
                "post"
            ]["requestBody"]["content"]["application/json"]["schema"],
            indent=2,
        )
    )

    page.get_by_label("JSON schema of the request").fill('{"nope"')
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_label("JSON schema of the request")).to_have_value('{"nope"')
    expect(page.get_by_text("This is not JSON. Line 1, column 8")).to_be_visible()
    assert violations(page) == []
    page.set_viewport_size({"width": 390, "height": 844})
    assert violations(page) == []
