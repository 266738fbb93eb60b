"""Formulas as models write them are typeset, and one that is not is shown whole."""

from __future__ import annotations

import re
from html import unescape

import pytest

from chat.markdown import render
from tests.chat.formula_corpus import FORMULAS

ALL = [formula for formulas in FORMULAS.values() for formula in formulas]
SHARE = 0.98


def shown(formula: str) -> tuple[bool, str]:
    """Return whether the formula is typeset, and the text that a page shows for it."""
    html = render(f"$${formula}$$")
    return "<math" in html, unescape(re.sub("<[^>]+>", "", html)).strip()


def test_nearly_all_are_typeset() -> None:
    assert len(ALL) == len(set(ALL)) >= 300
    share = sum(shown(formula)[0] for formula in ALL) / len(ALL)
    print(f"{share:.1%} of {len(ALL)} formulas are typeset")

    assert share >= SHARE


@pytest.mark.parametrize("subject", FORMULAS)
def test_no_sign_of_the_source_is_left_in_a_formula(subject: str) -> None:
    for formula in FORMULAS[subject]:
        is_typeset, text = shown(formula)
        if is_typeset:
            assert "&" not in text.replace("&", "", formula.count(r"\&")), formula
            assert not re.search(
                r"\\[a-zA-Z]|[{}$]", re.sub(r"[{}$]", "", text) if "\\" in formula else text
            ), formula
        else:
            assert text == f"$${formula}$$"


def test_formulas_in_a_line_are_typeset_as_well() -> None:
    lines = [formula for formula in ALL if "\\tag" not in formula and "&" not in formula]
    html = render("\n\n".join(f"so ${formula}$ holds" for formula in lines))

    assert html.count("<math") >= SHARE * len(lines)
