from __future__ import annotations

import pytest

from chat.titles import READ_BY_MODEL, title_in, title_request


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("Tides and the moon", "Tides and the moon"),
        ("  Tides  and\tthe moon.\n", "Tides and the moon"),
        ('"Tides and the moon"', "Tides and the moon"),
        ("„Ebbe und Flut.“", "Ebbe und Flut"),
        ("«Les marées»", "Les marées"),
        ("「潮の満ち引き」。", "潮の満ち引き"),
        ("# **Tides** and `moons`", "Tides and moons"),
        ("***Tides***", "Tides"),
        ("- Tides", "Tides"),
        ("Title: Tides", "Title: Tides".removeprefix("Title: ")),
        ("**Titel:** Ebbe", "Ebbe"),
        ("\n\n---\nTides\nI hope this helps!", "Tides"),
        # These marks are part of the words.
        ("C# or F#", "C# or F#"),
        ("2 * 3 * 4", "2 * 3 * 4"),
        ("Don't panic", "Don't panic"),
        ("snake_case_names", "snake_case_names"),
        # Nothing that could hide, turn or fake the text around it.
        ("\u202egnol\u202c \u2066title\u2069\u200b\x00\x07", "gnol title"),
        ("<script>alert(1)</script>", "<script>alert(1)</script>"),
        ("x" * 400, "x" * 60 + "…"),
        ("word " * 100, "word " * 11 + "word…"),
        ("", ""),
        ("…\n***\n\u200b", ""),
        ("\ud800", ""),
    ],
)
def test_it_is_made_plain(text, title):
    assert title_in(text) == title


def test_a_hostile_answer_takes_no_time():
    for text in ("*" * 100_000, "*a" * 50_000, "_ " * 50_000, "\n" * 100_000, '"' * 100_000, "`a*" * 30_000):
        assert len(title_in(text)) <= 61


def test_a_model_reads_the_beginning_alone():
    (turn,) = title_request("p" * 5000, "a" * 5000)
    assert turn.text.count("p" * READ_BY_MODEL + "…") == 1
    assert len(turn.text) < 2 * READ_BY_MODEL + 300
