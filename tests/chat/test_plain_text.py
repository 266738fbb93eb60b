"""Markdown as text without marks, as Copy takes it."""

from __future__ import annotations

import pytest

from chat.markdown import plain_text
from chat.markdown.whole import LONGEST
from tests.chat.markdown_corpus import LONG, NASTY

TABLE = "| a | **b** |\n|---|---|\n| 1 | two<br>lines |"


@pytest.mark.parametrize(
    ("markdown", "text"),
    [
        ("", ""),
        ("Some **bold**, *slanted* and ~~gone~~ words", "Some bold, slanted and gone words"),
        ("# Title\nText\nof two lines", "Title\n\nText\nof two lines"),
        ("- one\n- two\n  1. deep\n  2. deeper", "• one\n• two\n  1. deep\n  2. deeper"),
        ("7. seven\n\n   more\n8. eight", "7. seven\n\n   more\n\n8. eight"),
        ("- [x] done\n- [ ] open", "☑ done\n☐ open"),
        (TABLE, "a\tb\n1\ttwo lines"),
        ("> quoted\n> text", "quoted\ntext"),
        ("Euler: $e^{i\\pi}$ and \\(x\\)", "Euler: e^{i\\pi} and x"),
        ("$$\n\\int x\n$$", "\\int x"),
        ("```python\nif a < b:\n\n    **pass**\n```\nafter", "if a < b:\n\n    **pass**\n\nafter"),
        ("`a*b*c` &amp; \\*", "a*b*c & *"),
        ("[here](https://example.org/a)", "here (https://example.org/a)"),
        ("[example.org](https://example.org/) <https://example.org/b>", "example.org https://example.org/b"),
        ("<a@example.org>", "a@example.org"),
        ("[bad](javascript:alert(1))", "bad"),
        ("So it is.[^1]\n\n[^1]: A note.", "So it is.[1]\n\n[1] A note."),
        ("<b>no</b> tag", "<b>no</b> tag"),
    ],
)
def test_marks_are_dropped_and_what_they_mean_stays(markdown, text):
    assert plain_text(markdown) == text


@pytest.mark.parametrize("text", [*NASTY, *LONG.values(), "> " * 200 + "deep", "a" * (LONGEST + 1)])
def test_it_always_returns(text):
    assert isinstance(plain_text(text), str)


@pytest.mark.django_db
def test_the_address_of_a_text_leaves_out_the_marks_of_an_answer_alone(conversation, alice, client_for):
    answer = conversation.head
    prompt = answer.parent
    prompt.text = "Say **hello**"
    prompt.save()

    def read(message, query: str) -> str:
        return str(client_for(alice).get(f"/m/{message.code}/text/{query}").content.decode())

    assert read(answer, "?as=plain") == "Hello there."
    assert read(answer, "") == "Hello **there**."
    assert read(prompt, "?as=plain") == "Say **hello**"
