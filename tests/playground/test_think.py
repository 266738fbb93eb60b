"""Reasoning between tags in the text of an answer, with chunks that end anywhere."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from playground.upstream.dialects.shared.reading.think import ThinkTags
from playground.upstream.events import Event, ReasoningDelta, TextDelta, TextWasReasoning


def think(*pieces: str) -> tuple[str, str]:
    """Return the reasoning and the text of the pieces."""
    tags, events = ThinkTags(), list[Event]()
    for piece in pieces:
        tags.feed(piece, events)
    tags.close(events)
    reasoning, text = "", ""
    for event in events:
        if isinstance(event, ReasoningDelta):
            reasoning += event.text
        elif isinstance(event, TextWasReasoning):
            reasoning, text = reasoning + text, ""
        elif isinstance(event, TextDelta):
            text += event.text
    return reasoning, text


THOUGHTS = {
    "<think>\nhm\n</think>\n\nanswer": ("hm", "answer"),
    "\n <think>hm</think>answer": ("hm", "answer"),
    "<think></think>\n\nanswer": ("", "answer"),
    "<think>never closed </thin": ("never closed </thin", ""),
    "<think>a < b </b> c</think>x < y": ("a < b </b> c", "x < y"),
    "<think>one</think>\n<think>two</think>\nanswer": ("onetwo", "answer"),
    "plain < text": ("", "plain < text"),
    "use the <think> tag, then </think> to close": ("", "use the <think> tag, then </think> to close"),
    "the closing tag is `</think>` there": ("", "the closing tag is `</think>` there"),
    "a</think>b": ("", "a</think>b"),
    "orphaned\n</think>\n\nanswer": ("orphaned\n", "answer"),
    "orphaned</think>\n\nanswer with </think> in it": ("orphaned", "answer with </think> in it"),
    "an answer</think>": ("", "an answer"),
    "an answer</think>\n": ("", "an answer"),
    "</think>\n\nanswer": ("", "answer"),
    "ends with <": ("", "ends with <"),
    "ends with </thi": ("", "ends with </thi"),
    "<thinking>no tag of ours</thinking>": ("", "<thinking>no tag of ours</thinking>"),
}


@pytest.mark.parametrize(("content", "expected"), THOUGHTS.items(), ids=list(THOUGHTS))
def test_it_splits_inline_reasoning_whatever_the_cut(content, expected):
    assert think(content) == expected
    assert think(*content) == expected
    for cut in range(1, len(content)):
        assert think(content[:cut], content[cut:]) == expected, f"cut at {cut}"


@given(
    st.lists(st.sampled_from(["<think>", "</think>", "<", "th", " ", "\n", "word", "`"]), max_size=12),
    st.data(),
)
def test_it_splits_any_text_the_same_wherever_it_is_cut(parts, data):
    content = "".join(parts)
    cut = data.draw(st.integers(0, len(content)))
    assert think(content[:cut], content[cut:]) == think(content) == think(*content)
