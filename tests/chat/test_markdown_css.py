"""The style sheets of rendered text: every class has a rule, and all colours of code are readable."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from chat.markdown import CODE_CSS_CLASSES, render
from chat.markdown.sanitise import MATH_CLASSES
from tests.chat.markdown_corpus import NASTY

CSS = Path(__file__).resolve().parents[2] / "static" / "css"
HIGHLIGHT = (CSS / "highlight.css").read_text()
MARKDOWN = (CSS / "markdown.css").read_text()
FORMULAS = (CSS / "formulas.css").read_text()
TOKENS = (CSS / "tokens.css").read_text()

_BLOCKS = {
    "light": r":root \{(.*?)\}",
    "dark by choice": r':root\[data-theme="dark"\] \{(.*?)\}',
    "dark by system": r':root:not\(\[data-theme="light"\]\) \{(.*?)\}',
}


def _variables(css: str, theme: str) -> dict[str, str]:
    found = re.search(_BLOCKS[theme], css, re.DOTALL)
    assert found
    return dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6})", found[1]))


def _luminance(colour: str) -> float:
    channels = [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _contrast(one: str, other: str) -> float:
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("theme", _BLOCKS)
def test_code_can_be_read(theme: str) -> None:
    tokens = _variables(TOKENS, theme)
    colours = _variables(HIGHLIGHT, theme) | {name: tokens[name] for name in ("ink", "ink-2")}

    assert len(colours) > 10
    assert {
        name for name, colour in colours.items() if _contrast(colour, tokens["code-ground"]) < 4.5
    } == set()


def test_both_ways_to_dark_are_the_same() -> None:
    assert _variables(HIGHLIGHT, "dark by choice") == _variables(HIGHLIGHT, "dark by system")


def test_every_class_of_code_has_a_colour() -> None:
    assert set(re.findall(r"^\.(hl-[\w-]+) ", HIGHLIGHT, re.MULTILINE)) == CODE_CSS_CLASSES


def test_every_class_of_text_has_a_rule() -> None:
    used = set(re.findall(r'class="([^"]+)"', "".join(map(render, NASTY))))
    names = {name for classes in used for name in classes.split()} - CODE_CSS_CLASSES

    # Their element, or an optional class, decides how these look.
    assert {name for name in names if f".{name}" not in MARKDOWN + FORMULAS} <= {"link", "code-language"}


def test_colours_come_from_the_tokens() -> None:
    assert not re.findall(r"#[0-9a-f]{3,8}\b|\brgba?\(|\bhsla?\(", MARKDOWN + FORMULAS)


def test_every_class_of_formulas_has_a_rule() -> None:
    assert set(re.findall(r"^\.markdown \.(m-[\w-]+) ", FORMULAS, re.MULTILINE)) == MATH_CLASSES
    assert set(re.findall(r"var\(--(code-[\w-]+)\)", FORMULAS)) <= set(_variables(HIGHLIGHT, "light"))
