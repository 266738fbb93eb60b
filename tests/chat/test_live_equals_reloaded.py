"""A page shows the same during an answer, at its end, and after a reload."""

from __future__ import annotations

import random
import re
import uuid
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chat.flows.finish_run import Outcome, finish_run
from chat.live.run import LiveRun
from chat.markdown import render
from chat.models import Run
from chat.sockets.cursors import Cursor
from chat.sockets.frames import delta
from chat.sockets.news import done
from playground.upstream.answer import Answer
from playground.upstream.events import Finished, TextDelta
from tests.chat.markdown_corpus import LONG, NASTY, text_of

# Text that Markdown takes back: a definition is only known for one when its line is complete.
RETRACTED = [text for text in NASTY if re.search(r"^ {0,3}\[[^\]]+\]:", text, re.MULTILINE)]
# Halves of a character and NULs never get this far: what reads the upstream mends them.
STORED = [text for text in (*NASTY, *LONG.values()) if not re.search("[\x00\ud800-\udfff]", text)]
# Text that renders equally at every stage: no addresses, entities, formulas or inline code.
PLAIN = [
    "# Title\n\nSome **bold** and *slanted* words, ~~gone~~ too.\n\nAnother paragraph\nof two lines.",
    "- one\n- two **bold\n  words**\n  1. deep\n     - deeper\n- three\n\nafter",
    "> quoted *words\n> that* go on\n\nafter\n\nTitle\n=====\n\nend",
    "```\nif a < b:\n    pass\n\nelse:\n    return\n```\n\nafter",
]


_PART = re.compile(
    r'<div hx-swap-oob="(?P<how>\w+):#run-[0-9a-f-]{36}-(?P<where>\w+)(?P<inner> \.growing)?">'
)


@dataclass
class Page:
    """The answer as a page shows it: applies frames as htmx does."""

    blocks: str = ""
    tail: str = ""

    def take(self, html: str) -> None:
        found = list(_PART.finditer(html))
        ends = [*(part.start() for part in found[1:]), len(html)]
        for part, end in zip(found, ends, strict=bool(found)):
            content = html[part.end() : end].rstrip("\n").removesuffix("</div>")
            if part["where"] == "blocks":
                self.blocks = self.blocks + content if part["how"] == "beforeend" else content
            elif part["where"] == "tail":
                self.tail = self.tail.replace("</code>", f"{content}</code>") if part["inner"] else content

    @property
    def html(self) -> str:
        return self.blocks + self.tail


def cut(text: str, places: list[int]) -> Iterator[str]:
    ends = sorted({place % (len(text) + 1) for place in places} | {len(text)})
    yield from (text[start:end] for start, end in zip([0, *ends], ends, strict=False))


def letters(html: str) -> str:
    """Signs of emphasis come and go, and where a block was cut they may stay until the end."""
    return re.sub(r"[\W_]", "", text_of(html).replace("Copy", ""))


def states(text: str, places: list[int]) -> Iterator[Page]:
    """Yield the page after each frame; every third frame is lost with its socket, and the page comes back."""
    live = LiveRun(1, uuid.uuid4(), uuid.uuid4())
    page = Page()
    cursor, known = Cursor(), ""
    for number, piece in enumerate(cut(text, places)):
        live.apply([TextDelta(piece)])
        frame = delta(live, cursor)
        if number % 3 == 2:
            cursor = Cursor(known)
            frame = delta(live, cursor)
        page.take(frame)
        known = str(cursor)
        yield page
    live.text_html.finish()
    page.take(delta(live, cursor))
    yield page


CASES = st.tuples(st.sampled_from(NASTY), st.lists(st.integers(0, 2000), max_size=12))


@settings(max_examples=300, deadline=None, derandomize=True)
@given(CASES)
def test_finished_blocks_are_the_beginning_of_the_end(case: tuple[str, list[int]]) -> None:
    text, places = case
    whole = letters(render(text))
    before = ""

    for page in states(text, places):
        blocks = page.blocks
        assert blocks.startswith(before), "a finished block was touched again"
        before = blocks
        if text not in RETRACTED:
            assert whole.startswith(letters(blocks))

    if text not in RETRACTED:
        assert letters(page.html) == whole


@settings(max_examples=100, deadline=None, derandomize=True)
@given(st.sampled_from(PLAIN), st.lists(st.integers(0, 200), max_size=30))
def test_what_is_shown_is_the_beginning_of_the_end(text: str, places: list[int]) -> None:
    whole = letters(render(text))

    for page in states(text, places):
        assert whole.startswith(letters(page.html))


@pytest.mark.parametrize("kind", LONG)
def test_a_long_block_is_whole_at_the_end(kind: str) -> None:
    order = random.Random(5)
    places = [order.randrange(len(LONG[kind])) for _ in range(60)]
    *_, page = states(LONG[kind], places)

    assert letters(page.html) == letters(render(LONG[kind]))


@pytest.mark.parametrize("text", STORED, ids=lambda text: repr(text[:16]))
def test_the_final_frame_is_what_a_reload_shows(text, queued_run, alice, client_for):
    answer = Answer()
    for event in (TextDelta(text), Finished("stop")):
        answer.apply(event)
    assert finish_run(queued_run, Outcome(Run.Status.FINISHED, answer), fence=0)
    code = queued_run.conversation.code
    frame = done(alice, code, queued_run.code)

    page = client_for(alice).get(f"/c/{code}/").content.decode()

    article = frame[frame.index("<article") : frame.index("</article>") + len("</article>")]
    article = re.sub(r' hx-swap-oob="[^"]*"', "", article, count=1)
    assert article in page
