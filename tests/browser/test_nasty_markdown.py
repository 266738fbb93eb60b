"""Texts that are hard to render, streamed into a page and compared with the page after a reload."""

from __future__ import annotations

import random
import re
from typing import TYPE_CHECKING, Any

from playwright.sync_api import expect

from playground.demo.answers import ScriptedAnswer
from playground.demo.steps import Steps, Wait
from tests.browser.test_failures import told  # noqa: F401 - the model that says what it is told to
from tests.browser.test_streamed_answer import finished, send
from tests.chat.markdown_corpus import LONG, NASTY

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from playground.demo.replies import Reply

CODE = "".join(f"x{line} = [{line}, '<&>']\n" for line in range(10_000))
# Lone surrogates cannot be sent. Long texts come last, since every prompt sends all answers before it.
SENT = [text for text in NASTY if not re.search("[\ud800-\udfff]", text)]
TEXTS = [*SENT, *LONG.values(), f"```python\n{CODE}```\n"]
PIECES, STOPS = 40, 3
# The pause is longer than a frame, so the page shows each part before the next one comes.
STOP_SECONDS = 0.06


def cut(text: str, order: random.Random) -> list[str]:
    """Cut the text at random places, also inside of Markdown marks."""
    cuts = sorted(order.sample(range(1, len(text)), min(PIECES, len(text) - 1)))
    return [text[start:end] for start, end in zip([0, *cuts], [*cuts, len(text)], strict=True)]


def test_what_a_page_shows_is_what_a_reload_shows(page: Page, told):  # noqa: F811
    order = random.Random(11)
    texts = iter(TEXTS)

    def play(reply: Reply, body: dict[str, Any]) -> Steps:
        pieces = cut(next(texts), order)
        stops = order.sample(range(len(pieces)), min(STOPS, len(pieces)))
        for place, step in enumerate(reply.stream(ScriptedAnswer(pieces))):
            yield step
            if place in stops:
                yield Wait(STOP_SECONDS)

    told(play)
    for number in range(len(TEXTS)):
        send(page, f"Text {number}")
        expect(page.locator(".message.assistant")).to_have_count(number + 1)
        finished(page)
    assert next(texts, None) is None

    answers = page.locator(".thread .message.assistant")
    shown = answers.evaluate_all("all => all.map(each => each.innerHTML)")
    page.reload()
    expect(answers).to_have_count(len(TEXTS))
    reloaded = answers.evaluate_all("all => all.map(each => each.innerHTML)")
    assert [text for text, one, other in zip(TEXTS, shown, reloaded, strict=True) if one != other] == []
