"""Pictures, documents and recordings with a prompt, as a person attaches them."""

from __future__ import annotations

import base64
import json
import re
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

from playground.catalogue.generic import generic_schema
from tests.browser.choosing import choose_model
from tests.browser.test_accessibility import violations, violations_in_both
from tests.browser.test_streamed_answer import finished
from tests.media_files import PDF, picture, wav

if TYPE_CHECKING:
    from playwright.sync_api import FilePayload, Locator, Page, Route

    from playground.demo.server import DemoServer
    from tests.installation import Installation

TAKES_ALL, TAKES_TEXT = "Scripted Anything", "Scripted Demo Plain"
MODEL_ID = "scripted/paced?rate=1000&tokens=3"
_ADD_MODEL = """
import json
from playground.catalogue.store_endpoints import store_endpoint
from playground.models import Provider, UpstreamModel
model, _ = UpstreamModel.objects.update_or_create(
    provider=Provider.objects.get(code="scripted"), model_id=%r,
    defaults={"name": %r, "position": 900})
store_endpoint(model, "chat/completions", json.loads(%r), source="a test")
"""
UPLOADS = re.compile(r"/files/upload/$")
# The script sends the page an event with files, as the clipboard and the file manager do.
_WITH_FILES = """({type, files}) => {
    const data = new DataTransfer();
    for (const {name, mimeType, content} of files) {
        const bytes = Uint8Array.from(atob(content), (letter) => letter.charCodeAt(0));
        data.items.add(new File([bytes], name, {type: mimeType}));
    }
    const target = document.querySelector(type === "paste" ? ".prompt" : ".scroller");
    const options = {bubbles: true, cancelable: true, clipboardData: data, dataTransfer: data};
    if (type === "paste") target.dispatchEvent(new ClipboardEvent(type, options));
    else target.dispatchEvent(new DragEvent(type, options));
}"""


@pytest.fixture(scope="module", autouse=True)
def _takes_all(installation: Installation) -> None:
    installation.manage(
        "shell", "-v", "0", "-c", _ADD_MODEL % (MODEL_ID, TAKES_ALL, json.dumps(generic_schema()))
    )


@pytest.fixture
def composer(page: Page) -> Page:
    choose_model(page, TAKES_ALL)
    return page


def payload(name: str, content: bytes, media_type: str = "") -> FilePayload:
    return {"name": name, "mimeType": media_type, "buffer": content}


PHOTO = payload("meter.png", picture(size=(60, 40)), "image/png")
BROKEN = payload("broken.png", b"\x89PNG\r\n\x1a\n and nothing else", "image/png")


def pick(page: Page, *files: FilePayload) -> None:
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Attach", exact=False).first.click()
    chooser.value.set_files(list(files))


def give(page: Page, how: str, *files: FilePayload) -> None:
    given = [
        {
            "name": file["name"],
            "mimeType": file["mimeType"],
            "content": base64.b64encode(file["buffer"]).decode(),
        }
        for file in files
    ]
    page.evaluate(_WITH_FILES, {"type": how, "files": given})


def chips(page: Page) -> Locator:
    return page.locator(".composer .attachments [data-attachment]")


def attached(page: Page) -> Locator:
    """Return the attachments that the server has stored."""
    return page.locator(".composer .attachments [data-code]")


def said(page: Page, words: str | re.Pattern[str]) -> None:
    expect(page.locator("#announcer")).to_have_text(words)


def write_and_send(page: Page, text: str) -> None:
    page.get_by_label("Prompt", exact=True).fill(text)
    page.keyboard.press("Enter")


def content_sent(upstream: DemoServer) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = upstream.requests[-1].body["messages"][-1]["content"]
    return found


def test_a_picked_picture_and_document_reach_the_model_and_are_shown_again(
    composer: Page, upstream: DemoServer
):
    page = composer
    pick(page, PHOTO, payload("report.pdf", PDF, "application/pdf"))
    expect(attached(page)).to_have_count(2)
    said(page, "2 files are attached.")
    expect(chips(page).first).to_contain_text("meter.png")

    write_and_send(page, "What does it read?")
    page.wait_for_url("**/c/**")
    finished(page)
    kinds = [part["type"] for part in content_sent(upstream)]
    assert kinds == ["image_url", "file", "text"]
    expect(chips(page)).to_have_count(0)
    for _ in range(2):
        prompt = page.locator(".message.user")
        expect(prompt.get_by_role("img", name="meter.png")).to_be_visible()
        expect(prompt.get_by_role("link", name="report.pdf")).to_be_visible()
        loaded = prompt.locator(".sent-image img").evaluate(
            "image => image.decode().then(() => image.naturalWidth)"
        )
        assert loaded > 0
        page.reload()


def test_with_the_keyboard_alone(composer: Page):
    page = composer
    pick(page, PHOTO, payload("two.png", picture(), "image/png"))
    expect(attached(page)).to_have_count(2)
    expect(page.get_by_label("Prompt", exact=True)).to_be_focused()
    page.keyboard.press("Shift+Tab")
    expect(page.get_by_role("button", name="Remove two.png")).to_be_focused()
    page.keyboard.press("Delete")
    said(page, "two.png was removed.")
    expect(page.get_by_role("button", name="Remove meter.png")).to_be_focused()
    page.keyboard.press("Enter")
    expect(chips(page)).to_have_count(0)
    expect(page.get_by_label("Prompt", exact=True)).to_be_focused()


def test_a_picture_alone_is_a_prompt(composer: Page, upstream: DemoServer):
    page = composer
    give(page, "paste", payload("image.png", picture(size=(1000, 750)), "image/png"))
    expect(attached(page)).to_have_count(1)
    expect(page.locator(".composer-estimate")).to_contain_text("~1,150 tokens")
    page.get_by_label("Prompt", exact=True).press("Enter")
    page.wait_for_url("**/c/**")
    finished(page)
    assert [part["type"] for part in content_sent(upstream)] == ["image_url"]


def test_what_is_dropped_anywhere_is_attached(composer: Page):
    page = composer
    give(page, "dragover", PHOTO)
    expect(page.locator("#drop-target")).to_have_text(re.compile("^Drop to attach: images"))
    give(page, "drop", PHOTO)
    expect(attached(page)).to_have_count(1)
    expect(page.locator("#drop-target")).to_be_hidden()


def test_a_hundred_files_are_cut_to_what_a_prompt_takes_and_come_a_few_at_a_time(composer: Page):
    page = composer
    held: list[Route] = []
    released: list[bool] = []
    page.route(UPLOADS, lambda route: route.continue_() if released else held.append(route))
    give(page, "drop", *(payload(f"{number}.png", picture(), "image/png") for number in range(100)))
    expect(chips(page)).to_have_count(10)
    expect(page.locator(".attachments-note p")).to_have_text(
        "A prompt takes 10 attachments at most: 90 were left out."
    )
    expect(page.locator('[data-state="uploading"]')).to_have_count(3)
    assert len(held) <= 3
    released.append(True)
    for route in held:
        route.continue_()
    expect(attached(page)).to_have_count(10)
    said(page, "10 files are attached.")


def test_send_waits_for_what_is_on_its_way(composer: Page, upstream: DemoServer):
    page = composer
    held: list[Route] = []
    page.route(UPLOADS, lambda route: held.append(route))
    pick(page, PHOTO)
    expect(page.locator('[data-state="uploading"]')).to_have_count(1)
    write_and_send(page, "And this?")
    note = page.locator(".attachments-note")
    expect(note).to_contain_text("Sends when the upload is done.")
    note.get_by_role("button", name="Do not send").click()
    expect(note).to_be_hidden()

    page.get_by_label("Prompt", exact=True).press("Enter")
    expect(note).to_be_visible()
    held[0].continue_()
    page.wait_for_url("**/c/**")
    finished(page)
    assert content_sent(upstream)[0]["type"] == "image_url"


def test_an_upload_that_failed_can_be_tried_again(composer: Page):
    page = composer
    page.route(UPLOADS, lambda route: route.abort("internetdisconnected"))
    pick(page, PHOTO)
    expect(chips(page).first).to_contain_text("The server could not be reached.")
    write_and_send(page, "Not without it")
    expect(page.get_by_role("button", name="Remove meter.png")).to_be_focused()
    expect(page.locator(".message")).to_have_count(0)
    page.unroute(UPLOADS)
    page.get_by_role("button", name="Try again: meter.png").click()
    expect(attached(page)).to_have_count(1)


def test_a_refusal_is_a_sentence_at_the_file(composer: Page):
    page = composer
    pick(page, BROKEN, payload("nothing.txt", b"", "text/plain"))
    expect(chips(page).nth(0).locator(".attachment-error")).not_to_be_empty()
    expect(chips(page).nth(1)).to_contain_text("This file is empty.")
    write_and_send(page, "Hello")
    said(page, re.compile("Remove or retry the marked file"))
    expect(page.locator(".message")).to_have_count(0)


def test_a_model_that_has_no_place_for_it_says_so_until_it_is_removed(composer: Page):
    page = composer
    pick(page, PHOTO)
    expect(attached(page)).to_have_count(1)
    choose_model(page, TAKES_TEXT)
    expect(chips(page)).to_contain_text(f"{TAKES_TEXT} accepts no images.")
    write_and_send(page, "Hello")
    expect(page.get_by_role("button", name="Remove meter.png")).to_be_focused()
    expect(page.get_by_role("button", name="Record audio")).to_have_count(0)

    choose_model(page, TAKES_ALL)
    expect(chips(page).locator(".attachment-error")).to_be_hidden()
    choose_model(page, TAKES_TEXT)
    page.get_by_role("button", name="Remove meter.png").press("Delete")
    page.keyboard.press("Enter")
    page.wait_for_url("**/c/**")
    expect(page.locator(".sent-file")).to_have_count(0)


def test_what_is_not_sent_yet_is_there_after_a_reload(composer: Page):
    page = composer
    pick(page, PHOTO)
    expect(attached(page)).to_have_count(1)
    page.reload()
    expect(attached(page)).to_contain_text("meter.png")
    page.get_by_role("button", name="Remove meter.png").click()
    expect(chips(page)).to_have_count(0)
    page.reload()
    expect(page.get_by_role("button", name="Record audio")).to_be_visible()
    expect(chips(page)).to_have_count(0)


def test_an_image_by_its_address_is_fetched_by_nobody_here(composer: Page, upstream: DemoServer):
    page = composer
    page.get_by_role("button", name="Attach an image by its address").click()
    dialog = page.get_by_role("dialog", name="Attach by address")
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="Attach an image by its address")).to_be_focused()
    page.keyboard.press("Enter")
    dialog.get_by_label("Address").fill("http://example.org/cat.png")
    page.keyboard.press("Enter")
    expect(dialog.get_by_role("alert")).to_have_text("Enter an https address.")
    dialog.get_by_label("Address").fill("https://example.org/song.mp3?size=2")
    page.keyboard.press("Enter")
    expect(chips(page)).to_contain_text("does not fetch audio from an address: attach the file itself.")
    page.get_by_role("button", name="Remove song.mp3").click()
    page.get_by_role("button", name="Attach an image by its address").click()
    dialog.get_by_label("Address").fill("https://example.org/cat.png")
    page.keyboard.press("Enter")
    expect(attached(page)).to_contain_text("at example.org")
    expect(page.get_by_label("Prompt", exact=True)).to_be_focused()
    write_and_send(page, "Who is that?")
    page.wait_for_url("**/c/**")
    finished(page)
    assert content_sent(upstream)[0] == {
        "type": "image_url",
        "image_url": {"url": "https://example.org/cat.png"},
    }
    expect(page.locator(".message.user").get_by_role("link", name="cat.png")).to_be_visible()


def test_a_recording_is_made_attached_and_played(composer: Page, upstream: DemoServer):
    page = composer
    page.get_by_role("button", name="Record audio").click()
    recorder = page.get_by_role("group", name="Recording")
    expect(recorder.get_by_role("button", name="Stop and attach")).to_be_focused()
    expect(recorder.get_by_role("timer")).to_have_text(re.compile(r"^0:0[1-9] of 5:00$"))
    page.keyboard.press("Enter")
    expect(attached(page)).to_contain_text(re.compile(r"recording 0\.\d\d\.wav"))
    expect(recorder).to_be_hidden()
    write_and_send(page, "What do you hear?")
    page.wait_for_url("**/c/**")
    finished(page)
    audio = content_sent(upstream)[0]["input_audio"]
    content = base64.b64decode(audio["data"])
    assert (audio["format"], content[:4], content[8:16]) == ("wav", b"RIFF", b"WAVEfmt ")
    # The fake microphone beeps, so a silent recording is a failure.
    assert any(content[44:])
    player = page.locator(".message.user audio")
    duration = player.evaluate(
        """player => new Promise((done) => {
            player.onloadedmetadata = () => done(player.duration);
            player.preload = "metadata";
            player.load();
        })"""
    )
    assert duration > 0.5


def test_a_recording_is_thrown_away_with_escape(composer: Page):
    page = composer
    page.get_by_role("button", name="Record audio").click()
    expect(page.get_by_role("button", name="Stop and attach")).to_be_focused()
    page.keyboard.press("Escape")
    said(page, "The recording was discarded.")
    expect(page.get_by_role("group", name="Recording")).to_be_hidden()
    expect(chips(page)).to_have_count(0)


def test_a_microphone_that_may_not_be_used_is_a_sentence(composer: Page):
    page = composer
    page.evaluate(
        """() => {
            const refuse = async () => { throw new DOMException("", "NotAllowedError"); };
            navigator.mediaDevices.getUserMedia = refuse;
        }"""
    )
    page.get_by_role("button", name="Record audio").click()
    expect(page.locator(".attachments-note")).to_contain_text("Your browser blocks the microphone")


def test_a_picture_opens_large_and_closes_with_the_keyboard(composer: Page):
    page = composer
    pick(page, PHOTO)
    expect(attached(page)).to_have_count(1)
    write_and_send(page, "Look")
    page.wait_for_url("**/c/**")
    finished(page)
    link = page.locator(".sent-image")
    link.press("Enter")
    dialog = page.get_by_role("dialog", name="Image meter.png")
    expect(dialog.get_by_role("img", name="meter.png")).to_be_visible()
    expect(dialog.get_by_role("link", name="Download")).to_have_attribute("download", "meter.png")
    assert violations(page) == []
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(link).to_be_focused()


def test_another_wording_keeps_what_was_attached_or_leaves_it_out(composer: Page, upstream: DemoServer):
    page = composer
    pick(page, PHOTO, payload("two.jpg", picture("JPEG"), "image/jpeg"))
    expect(attached(page)).to_have_count(2)
    write_and_send(page, "First")
    page.wait_for_url("**/c/**")
    finished(page)

    page.get_by_role("button", name="Edit").click()
    page.get_by_label("Edit the message").fill("Second")
    page.locator(".edit").get_by_role("button", name="Remove meter.png").press("Delete")
    page.get_by_label("Edit the message").press("Enter")
    expect(page.locator(".message.user .bubble")).to_have_text("Second")
    finished(page)
    expect(page.locator(".message.user").get_by_role("img")).to_have_count(1)
    assert [part["type"] for part in content_sent(upstream)] == ["image_url", "text"]

    page.get_by_role("button", name="Edit").click()
    page.get_by_label("Edit the message").fill("Third")
    page.locator(".edit").get_by_role("button", name="Remove two.jpg").click()
    expect(page.get_by_label("Edit the message")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator(".message.user .bubble")).to_have_text("Third")
    finished(page)
    expect(page.locator(".sent-file")).to_have_count(0)


@pytest.mark.parametrize("width", [1440, 390])
def test_it_is_accessible(composer: Page, width):
    page = composer
    page.set_viewport_size({"width": width, "height": 900})
    pick(
        page,
        PHOTO,
        BROKEN,
        payload("said.wav", wav(), "audio/wav"),
    )
    expect(attached(page)).to_have_count(2)
    page.get_by_role("button", name="Record audio").click()
    expect(page.get_by_role("button", name="Stop and attach")).to_be_focused()
    assert violations_in_both(page) == []
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Remove broken.png").click()
    write_and_send(page, "All of it")
    page.wait_for_url("**/c/**")
    finished(page)
    assert violations_in_both(page) == []
    page.get_by_role("button", name="Edit").click()
    assert violations_in_both(page) == []


def test_the_encoding_of_a_text_is_shown_and_changed(composer: Page) -> None:
    pick(composer, payload("table.csv", "Name;Größe\nÜbung;5 €\n".encode("cp1252"), "text/csv"))
    chip = composer.locator(".composer [data-attachment]")
    encoding = chip.get_by_label("Encoding of table.csv")

    expect(encoding).to_have_value("cp1252")
    expect(chip).to_contain_text("Name;Größe")
    encoding.focus()
    encoding.select_option("cp1251")
    expect(chip).to_contain_text("Name;GrцЯe")
    expect(encoding).to_be_focused()
    encoding.select_option("utf-8")
    expect(chip).to_contain_text("This file isn't text in UTF-8.")
    expect(encoding).to_have_value("cp1251")
    encoding.select_option("cp1252")
    expect(chip).to_contain_text("Name;Größe")
    assert violations(composer) == []

    composer.get_by_label("Prompt", exact=True).fill("Sum it up")
    composer.keyboard.press("Enter")
    sent = composer.locator(".sent-file")
    expect(sent).to_contain_text("Western (Windows-1252)")
    finished(composer)


@pytest.mark.parametrize("width", [1440, 390])
def test_files_of_a_pasted_request_are_attached(composer: Page, upstream: DemoServer, width: int):
    page = composer
    page.set_viewport_size({"width": width, "height": 844})
    photo, paper = (base64.b64encode(content).decode() for content in (picture(), PDF))
    image = {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{photo}"}}
    document = {"type": "file", "file": {"filename": "report.pdf", "file_data": paper}}
    lost = {"type": "video_url", "video_url": {"url": "https://example.org/a.mp4"}}
    told = [
        {"role": "user", "content": [image, {"type": "text", "text": "What is it?"}]},
        {"role": "assistant", "content": "A red field."},
        {"role": "user", "content": [document, lost, {"type": "text", "text": "And this?"}]},
    ]
    page.get_by_role("button", name="paste a request").click()
    dialog = page.get_by_role("dialog", name="Open in the playground")
    dialog.get_by_role("textbox").fill(json.dumps({"model": MODEL_ID, "messages": told}))
    dialog.get_by_role("button", name="Read").click()
    expect(dialog.get_by_text("report.pdf")).to_be_visible()
    expect(dialog.get_by_text("A video: Videos cannot be attached here.")).to_be_visible()
    assert violations(page) == []
    dialog.get_by_role("button", name="Open in a new chat").click()
    page.wait_for_url("**/c/**")
    expect(chips(page)).to_have_count(1)
    expect(page.locator(".message.user").get_by_role("img", name="picture.png")).to_be_visible()
    page.reload()
    expect(chips(page)).to_have_count(1)
    expect(page.get_by_label("Prompt", exact=True)).to_have_value("And this?")
    page.get_by_role("button", name="Send", exact=True).click()
    expect(chips(page)).to_have_count(0)
    finished(page)
    sent = [message["content"] for message in upstream.requests[-1].body["messages"]]
    assert [part["type"] for part in sent[0]] == ["image_url", "text"]
    assert [part["type"] for part in sent[2]] == ["file", "text"]
    page.reload()
    expect(page.locator(".message.user").last.get_by_role("link", name="report.pdf")).to_be_visible()
    expect(chips(page)).to_have_count(0)
