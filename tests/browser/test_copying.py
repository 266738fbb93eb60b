"""Copying an answer as it is read and as it was written, by mouse and keyboard, on https and on http."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from playground.demo.answers import ScriptedAnswer
from tests.browser.test_accessibility import violations
from tests.browser.test_failures import told  # noqa: F401 - the model that says what it is told to
from tests.browser.test_streamed_answer import finished, last_answer, send

if TYPE_CHECKING:
    from playwright.sync_api import Page

ANSWER = """# Rivers

Some **bold** [words](https://example.org/a) and $a^2$.

- [x] done

| a | b |
|---|---|
| 1 | 2 |

```python
if a < b:
    pass
```
"""
READ = """Rivers

Some bold words (https://example.org/a) and a^2.

☑ done

a\tb
1\t2

if a < b:
    pass"""
# Pasted into a box of the page, which notes both kinds of the content.
PASTE = """() => {
  const box = document.querySelector(".prompt");
  box.addEventListener("paste", (event) => {
    event.preventDefault();
    window.pasted = ["text/plain", "text/html"].map((type) => event.clipboardData.getData(type));
  }, { once: true });
  box.focus();
}"""


def pasted(page: Page) -> tuple[str, str]:
    page.evaluate(PASTE)
    page.keyboard.press("Control+v")
    text, html = page.evaluate("window.pasted")
    return text, html


@pytest.mark.parametrize("is_secure", [True, False])
def test_copy_takes_the_text_and_its_shape_and_markdown_the_source(page: Page, told, is_secure: bool):  # noqa: F811
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    if not is_secure:
        page.add_init_script("Object.defineProperty(Navigator.prototype, 'clipboard', { value: undefined })")
        page.reload()
    told(lambda reply, _: reply.stream(ScriptedAnswer.of(ANSWER)))
    send(page, "Tell me **about** rivers")
    page.wait_for_url("**/c/**")
    finished(page)

    last_answer(page).locator("[data-copy-message]").click()
    expect(page.locator("#announcer")).to_have_text("Copied")
    expect(last_answer(page).get_by_role("button", name="Copied")).to_be_visible()
    text, html = pasted(page)
    assert text == READ
    for part in (
        "<h3",
        ">Rivers</h3>",
        "<strong>bold</strong>",
        'href="https://example.org/a"',
        "<td",
        "<pre",
        "<math",
    ):
        assert part in html
    assert not re.search(r"class=|data-|Copy|<button|hl-", html)

    page.set_viewport_size({"width": 390, "height": 844})
    button = last_answer(page).get_by_role("button", name="Copy as Markdown")
    button.press("Enter")
    expect(page.locator("#announcer")).to_have_text("Copied")
    expect(last_answer(page).locator("[data-copy-markdown]")).to_be_focused()
    assert violations(page) == []
    text, html = pasted(page)
    assert (text, html) == (ANSWER, "")

    page.locator(".message.user [data-copy-message]").press("Enter")
    expect(page.locator(".message.user [data-copied]")).to_have_count(1)
    assert pasted(page)[0] == "Tell me **about** rivers"
