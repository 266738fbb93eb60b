"""Rendered text in a browser: it is shown as meant, runs no script and loads nothing."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from chat.markdown import IncrementalRenderer, render
from tests.chat.markdown_corpus import ANSWER
from tests.chat.test_markdown_sanitiser import PAYLOADS, PLACES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page

STATIC = Path(__file__).resolve().parents[2] / "static"
STYLES = "".join(
    f"<style>{(STATIC / 'css' / f'{name}.css').read_text()}</style>"
    for name in ("tokens", "base", "chat", "markdown", "formulas", "highlight")
)


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """Return a page without a content security policy, so that only the renderer protects it."""
    context = browser.new_context(viewport={"width": 390, "height": 800})
    page = context.new_page()
    requests: list[str] = []
    page.on("request", lambda request: requests.append(request.url))
    page.on("dialog", lambda dialog: dialog.dismiss())
    page.add_init_script("window.alert = () => { window.wasRun = true; };")
    yield page
    assert page.evaluate("window.wasRun ?? false") is False
    assert [url for url in requests if not url.startswith(("about:", "data:"))] == []
    context.close()


def show(page: Page, html: str) -> None:
    page.set_content(f'<!doctype html>{STYLES}<div class="answer"><div class="markdown">{html}</div></div>')


def scripts(*names: str) -> str:
    """Return several modules as one classic script: a page without an address cannot import."""
    text = "".join((STATIC / "js" / name).read_text() for name in names)
    return re.sub(r"^import .*|^export ", "", text, flags=re.MULTILINE)


def test_copying_code_copies_what_was_written(page: Page) -> None:
    code = "if a < b:\n\n    print('&amp;')  # <b>"
    show(page, render(f"```python\n{code}\n```"))
    page.evaluate("navigator.clipboard ?? Object.defineProperty(navigator, 'clipboard', {value: {}})")
    page.evaluate("navigator.clipboard.writeText = async (text) => { window.copied = text; }")
    page.add_script_tag(content=scripts("shell/clipboard.js", "shell/announcer.js", "thread/copy_code.js"))

    page.get_by_role("button", name="Copy").click()

    page.get_by_role("button", name="Copied").wait_for()
    assert page.evaluate("window.copied") == code


def test_wide_blocks_scroll_by_themselves(page: Page) -> None:
    cell = "| " + " | ".join(["a cell of some width"] * 12) + " |"
    table = f"{cell}\n{'|---' * 12}|\n{cell}"
    formula = "$$" + "+".join(f"x_{{{number}}}" for number in range(60)) + "$$"
    show(page, render(f"{table}\n\n```\n{'x' * 500}\n```\n\n{formula}\n\n{'y' * 500}\n\n`{'z' * 500}`"))

    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    for selector in (".table-scroll", "pre", ".math-block"):
        assert page.eval_on_selector(
            selector, "box => box.scrollWidth > box.clientWidth && box.tabIndex === 0"
        )


def test_no_payload_runs_or_loads(page: Page) -> None:
    texts = [place.replace("{}", payload) for payload in PAYLOADS for place in PLACES]
    show(page, "".join(map(render, texts)))

    assert page.locator(".markdown > p").count() > 100
    page.evaluate(
        "for (const link of document.querySelectorAll('.markdown *')) link.dispatchEvent(new Event('load'))"
    )


def test_a_stream_applied_as_it_comes_ends_as_the_whole(page: Page) -> None:
    """Append blocks and replace or extend the tail, as the page does."""
    show(page, "")
    page.evaluate(
        """() => {
          const done = document.querySelector(".markdown");
          const open = document.createElement("div");
          open.className = "markdown tail";
          done.after(open);
          window.apply = (blocks, tail, added) => {
            done.insertAdjacentHTML("beforeend", blocks);
            if (added === null) open.innerHTML = tail;
            else open.querySelector(".growing").insertAdjacentHTML("beforeend", added);
          };
        }"""
    )
    renderer, shown, version = IncrementalRenderer(), 0, -1
    for start in range(0, len(ANSWER), 23):
        renderer.feed(ANSWER[start : start + 23])
        open_end, blocks = renderer.open_end(), "".join(renderer.blocks[shown:])
        page.evaluate("parts => apply(...parts)", [blocks, open_end.html, open_end.added_since(version)])
        shown, version = len(renderer.blocks), open_end.version
    renderer.finish()
    page.evaluate("parts => apply(...parts)", ["".join(renderer.blocks[shown:]), "", None])

    streamed = page.evaluate("document.querySelector('.markdown').innerHTML")
    show(page, render(ANSWER))
    assert streamed == page.evaluate("document.querySelector('.markdown').innerHTML")


def test_text_that_is_read_from_the_right_stands_there(page: Page) -> None:
    show(page, render("مرحبا\n\nHello\n\n- שלום\n\n```\nمرحبا\n```"))

    directions = page.eval_on_selector_all(
        ".markdown > *, pre", "all => all.map(one => one.tagName + ' ' + getComputedStyle(one).direction)"
    )
    assert directions == ["P rtl", "P ltr", "UL rtl", "FIGURE ltr", "PRE ltr"]
