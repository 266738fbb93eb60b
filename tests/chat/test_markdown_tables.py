"""Rows with more cells than the header lose none of them."""

from __future__ import annotations

import re
from html import unescape

import pytest

from chat.markdown import render


def cells(row: str, columns: int = 2) -> list[str]:
    header = "|" + " h |" * columns + "\n|" + "---|" * columns
    found = re.findall(r"<td[^>]*>(.*?)</td>", render(f"{header}\n{row}"))
    return [unescape(re.sub("<[^>]+>", "", cell)) for cell in found]


@pytest.mark.parametrize(
    ("row", "shown"),
    [
        ("| `a|b` | or |", ["a|b", "or"]),
        ("| or | `a|b` |", ["or", "a|b"]),
        ("| ``a|`b`` | c |", ["a|`b", "c"]),
        ("| $|x|$ | abs |", ["|x|", "abs"]),
        ("| a | b | c |", ["a", "b | c"]),
        ("| a | b | c | d", ["a", "b | c | d"]),
        ("a | b | c", ["a", "b | c"]),
        ("| a || b | c |", ["a", "| b | c"]),
        ("| `a | b | c` | d |", ["a | b | c", "d"]),
        ("| `a|b` | c | d |", ["`a", "b` | c | d"]),
        (r"| a\|b | c | d |", ["a|b", "c | d"]),
        (r"| `a\|b` | c |", ["a|b", "c"]),
        ("| a |", ["a", ""]),
        ("| costs $5 | or $6 | more |", ["costs $5", "or $6 | more"]),
    ],
)
def test_the_last_cell_keeps_the_rest(row: str, shown: list[str]) -> None:
    assert cells(row) == shown


def test_a_table_of_one_column_keeps_all() -> None:
    assert cells("| a | b |", columns=1) == ["a | b"]


def test_a_row_in_a_list_keeps_all() -> None:
    html = render("- x\n\n  | h | h |\n  |---|---|\n  | a | b | c |")

    assert "b | c</td>" in html
