"""Reasoning between tags in the text of an answer, with chunks that end anywhere."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from playground.upstream.answer import Answer
from playground.upstream.dialects.registry import normaliser_for
from playground.upstream.dialects.shared.reading.think import ThinkTags
from playground.upstream.events import Event, ReasoningDelta, TextDelta
from playground.upstream.sse import ServerSentEvent


def think(*pieces: str, is_finished: bool = False) -> tuple[str, str]:
    """Return the reasoning and the text of the pieces."""
    tags, events = ThinkTags(), list[Event]()
    for piece in pieces:
        tags.feed(piece, events)
    tags.close(events, is_finished=is_finished)
    answer = Answer()
    for event in events:
        answer.apply(event)
    return answer.reasoning, answer.text


THOUGHTS = {
    "<think>\nhm\n</think>\n\nanswer": ("hm", "answer"),
    "\n <think>hm</think>answer": ("hm", "answer"),
    "<think></think>\n\nanswer": ("", "answer"),
    "<think>a < b </b> c</think>x < y": ("a < b </b> c", "x < y"),
    "<think>one</think>\n<think>two</think>\nanswer": ("onetwo", "answer"),
    "plain < text": ("", "plain < text"),
    "ends with <": ("", "ends with <"),
    "ends with </thi": ("", "ends with </thi"),
    # Other tags of the same kind.
    "<thinking>plan</thinking>\n\nanswer": ("plan", "answer"),
    "<thinking>a </think> b</thinking>answer": ("a </think> b", "answer"),
    "[THINK]plan[/THINK]answer": ("plan", "answer"),
    "[THINK]see [1] and [/x][/THINK]\nanswer": ("see [1] and [/x]", "answer"),
    "<thought>plan</thought>\nanswer": ("plan", "answer"),
    "<seed:think>plan</seed:think>answer": ("plan", "answer"),
    "◁think▷plan◁/think▷answer": ("plan", "answer"),
    "<thinker>plan</thinker>": ("", "<thinker>plan</thinker>"),
    "[THINKING] about it": ("", "[THINKING] about it"),
    # Tags that are talked about.
    "use the <think> tag, then </think> to close": ("", "use the <think> tag, then </think> to close"),
    "use it:\n\n<think>\nplan\n</think>\n\nend": ("", "use it:\n\n<think>\nplan\n</think>\n\nend"),
    "`<think>` opens it": ("", "`<think>` opens it"),
    "the closing tag is `</think>` there": ("", "the closing tag is `</think>` there"),
    "a</think>b": ("", "a</think>b"),
    "it ends with </think> and goes on": ("", "it ends with </think> and goes on"),
    "it ends with </think>\nand goes on": ("", "it ends with </think>\nand goes on"),
    "it ends with </think>, always\n": ("", "it ends with </think>, always\n"),
    "it ends with </think>": ("", "it ends with </think>"),
    "the tag `</think>": ("", "the tag `</think>"),
    "raw:\n\n```\nplan\n</think>\ngo\n```\n\nDone.": ("", "raw:\n\n```\nplan\n</think>\ngo\n```\n\nDone."),
    "raw:\n~~~~ text\n~~~\nplan\n</think>\ngo": ("", "raw:\n~~~~ text\n~~~\nplan\n</think>\ngo"),
    "- raw:\n  ```\n  </think>\n  ```\nDone": ("", "- raw:\n  ```\n  </think>\n  ```\nDone"),
    "> ```\n> plan</think>\n> ```\nDone": ("", "> ```\n> plan</think>\n> ```\nDone"),
    "raw:\n\n    plan\n    </think>\n\nDone": ("", "raw:\n\n    plan\n    </think>\n\nDone"),
    "the span `plan\n</think>\ngo` shows it": ("", "the span `plan\n</think>\ngo` shows it"),
    "the tags:\n\n- </think>\n- more": ("", "the tags:\n\n- </think>\n- more"),
    "the tags:\n\n1. </think>\n2. more": ("", "the tags:\n\n1. </think>\n2. more"),
    'it writes "</think>\n': ("", 'it writes "</think>\n'),
    "<think>the tag `</think>` ends it</think>Yes": ("the tag `</think>` ends it", "Yes"),
    '<think>the word "</think>" ends it</think>Yes': ('the word "</think>" ends it', "Yes"),
    "<think>say `yes`</think>`yes`": ("say `yes`", "`yes`"),
    "<think>say `yes`</think>": ("say `yes`", ""),
    # A closing tag whose opening one was in the prompt.
    "orphaned\n</think>\n\nanswer": ("orphaned\n", "answer"),
    "orphaned\n</think>\nanswer": ("orphaned\n", "answer"),
    "orphaned</think>\n\nanswer": ("orphaned", "answer"),
    "orphaned. </think>\nanswer": ("orphaned. ", "answer"),
    "orphaned\r\n</think>\r\n\r\nanswer": ("orphaned\r\n", "answer"),
    "```\ncode\n```\nso `x` it is\n</think>\n\nanswer": ("```\ncode\n```\nso `x` it is\n", "answer"),
    "orphaned</think>\n\nanswer with </think> in it": ("orphaned", "answer with </think> in it"),
    "an answer</think>": ("", "an answer"),
    "an answer</think>\n": ("", "an answer"),
    "an answer\n</think>": ("", "an answer\n"),
    "</think>\n\nanswer": ("", "answer"),
    # Channels of the harmony format.
    "<|channel|>analysis<|message|>plan<|end|><|start|>assistant<|channel|>final<|message|>Yes.": (
        "plan",
        "Yes.",
    ),
    "<|start|>assistant<|channel|>analysis<|message|>a < b<|end|>\n<|start|>assistant<|channel|>final"
    "<|message|>Yes.<|return|>": ("a < b", "Yes."),
    "<|channel|>analysis<|message|>one<|end|><|start|>assistant<|channel|>commentary<|message|>Let me look."
    "<|end|><|start|>assistant<|channel|>analysis<|message|>two<|end|><|start|>assistant<|channel|>final"
    "<|message|>Yes.": ("one\n\ntwo", "Let me look.\n\nYes."),
    "<|channel|>final <|constrain|>json<|message|>{}": ("", "{}"),
    "<|channel|>analysis<|message|>plan<|end|>Yes.": ("plan", "Yes."),
    "<|channel|>commentary to=functions.f <|constrain|>json<|message|>{}<|call|>": (
        "",
        "<|channel|>commentary to=functions.f <|constrain|>json<|message|>{}",
    ),
    "<|channel|>final<|message|>the token <|end|> ends it": ("", "the token <|end|> ends it"),
    "<|channel|> begins a header": ("", "<|channel|> begins a header"),
    "<|channel|>analysis of it\n": ("", "<|channel|>analysis of it\n"),
    "<|start|> is a token": ("", "<|start|> is a token"),
}
# Reasoning without an end: what it is if the answer was cut, and if it ended by itself.
UNCLOSED = {
    "<think>never closed </thin": ("never closed </thin", ""),
    "<think> opens the reasoning and `</think>` ends it.\n": (
        "opens the reasoning and `</think>` ends it.",
        "",
    ),
    "\n<thinking>\n\nplan\n": ("plan", ""),
    "[THINK]plan": ("plan", ""),
    "<think>": ("", ""),
    "<think>one</think>\n<think>two </b> three": ("onetwo </b> three", ""),
    "<|channel|>analysis<|message|>plan <": ("plan <", ""),
}


def ways(content: str):
    yield (content,)
    yield tuple(content)
    for cut in range(1, len(content)):
        yield content[:cut], content[cut:]


@pytest.mark.parametrize(("content", "expected"), THOUGHTS.items(), ids=list(THOUGHTS))
def test_it_splits_inline_reasoning_whatever_the_cut(content, expected):
    for pieces in ways(content):
        assert think(*pieces, is_finished=True) == expected
        assert think(*pieces) == expected


@pytest.mark.parametrize(("content", "expected"), UNCLOSED.items(), ids=list(UNCLOSED))
def test_reasoning_without_an_end_is_text_if_the_answer_ended_by_itself(content, expected):
    for pieces in ways(content):
        assert think(*pieces) == expected
        reasoning, text = think(*pieces, is_finished=True)
        assert (
            (reasoning, text) == ("one", "<think>two </b> three")
            if "one" in content
            else ("", content.lstrip())
        )


@given(
    st.lists(
        st.sampled_from(
            [
                *'< \n`"',
                "</think>",
                "<think>",
                "th",
                "word.",
                "```\n",
                "[THINK]",
                "[/THINK]",
                "<|channel|>",
                "final",
                "analysis",
                "<|message|>",
                "<|end|>",
                "<|start|>assistant",
            ]
        ),
        max_size=14,
    ),
    st.data(),
    st.booleans(),
)
def test_it_splits_any_text_the_same_wherever_it_is_cut(parts, data, is_finished):
    content = "".join(parts)
    cut = data.draw(st.integers(0, len(content)))
    whole = think(content, is_finished=is_finished)
    assert think(content[:cut], content[cut:], is_finished=is_finished) == whole
    assert think(*content, is_finished=is_finished) == whole


@pytest.mark.parametrize(
    ("reason", "is_text"),
    [
        *((name, True) for name in ("stop", "eos")),
        *((name, False) for name in ("length", "content_filter", "tool_calls", "")),
    ],
)
def test_an_opening_tag_that_never_closes_is_text_if_the_answer_ended_by_itself(reason, is_text):
    normaliser = normaliser_for("chat/completions")
    answer = Answer()
    chunks = [
        b'{"content": "<think> is"}, "finish_reason": null',
        b'{"content": " a tag"}, "finish_reason": "%s"' % reason.encode(),
    ]
    for chunk in chunks:
        for event in normaliser.feed(ServerSentEvent(b'{"choices": [{"index": 0, "delta": %s}]}' % chunk)):
            answer.apply(event)
    for event in normaliser.close():
        answer.apply(event)

    assert (answer.reasoning, answer.text) == (("", "<think> is a tag") if is_text else ("is a tag", ""))


def test_reasoning_in_a_field_of_its_own_is_not_taken_back():
    tags, events = ThinkTags(), list[Event]()
    tags.feed("<think>inline", events)
    tags.note_reasoning()
    events.append(ReasoningDelta(" field"))
    tags.feed(" more", events)
    tags.close(events, is_finished=True)

    assert not [event for event in events if isinstance(event, TextDelta)]


@pytest.mark.parametrize(
    "unit",
    [
        "<think>a</think>",
        "</think>",
        "<|end|>",
        "`</think>` ",
        "<",
        "[THINK]",
        " ",
        "\n```\n",
        "> - 1. ",
        "<|start|>a",
    ],
)
@pytest.mark.parametrize("start", ["", "<think>", "a\n", "<|channel|>analysis<|message|>"])
def test_it_reads_many_tags_at_a_linear_cost(unit, start):
    content = start + unit * (400_000 // len(unit))
    # Anything quadratic takes minutes here.
    whole, cut = think(content), think(*(content[place : place + 50] for place in range(0, len(content), 50)))

    assert ["".join(part.split()) for part in whole] == ["".join(part.split()) for part in cut]
