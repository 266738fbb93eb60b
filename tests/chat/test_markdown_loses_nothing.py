"""Every word that a model wrote is on the page: in the text, or in an address or a title that the page shows.

These go, because they are signs and not text: the label by which a link finds its definition, where both are
there; names of commands and environments of formulas that are typeset; entities that stand for a character.
"""

from __future__ import annotations

import random
import re
from collections import Counter
from html.parser import HTMLParser
from urllib.parse import unquote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chat.markdown import IncrementalRenderer, render

# No word is a name in HTML, LaTeX or a programming language, nor part of another word.
NAMES = "zorp quib flaxe mondu tresk vilno pargo husti brelk snavo jupta kriwo dolem yarfa wexin cobul"
WORDS = NAMES.split()
PIECES = [
    *("*", "**", "_", "__", "~~", "`", "``", "```", "[", "]", "(", ")", "](", "]: ", "![", "[^", "<", ">"),
    *("</", "<!--", "-->", "<br>", "&", ";", "\\", "$", "$$", "\\(", "\\)", "\\[", "\\]", "{", "}", "|"),
    *("---", "===", "\n", "\n\n", "\n    ", "\n- ", "\n1. ", "\n> ", "\n# ", "\n```", "\n~~~ "),
    *("\n|-|-|\n", "\n[", "\n$$\n", " ", " ", "  ", ":", "!", '"', "'", "#", "- ", "> ", "1. ", "[ ] "),
    *("[x] ", "=", "-", "+", "^", "%", "@", "https://e.org/", "e.org", ".png", "\\text{", "\\frac{", "，"),
    *("。", "中", "”"),
]
TEXTS = st.lists(st.one_of(st.sampled_from(WORDS), st.sampled_from(PIECES)), max_size=30).map("".join)
_WORD = re.compile("|".join(WORDS))
_LABEL = re.compile(r"\[([^\[\]]*)\]:\s*<?https?:")


class _Shown(HTMLParser):
    """Collect the text, and what a page shows of links: their addresses and titles."""

    def __init__(self) -> None:
        super().__init__()
        self.parts: list[str] = []

    def handle_data(self, data: str) -> None:
        self.parts.append(data)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.parts += [unquote(value or "") for name, value in attrs if name in {"href", "title"}]


def lost(source: str, html: str) -> Counter[str]:
    """Return the words of the source that the HTML shows less often."""
    page = _Shown()
    page.feed(html)
    page.close()
    missing = Counter(_WORD.findall(source)) - Counter(_WORD.findall("".join(page.parts)))
    labels = {word for label in _LABEL.findall(source) for word in _WORD.findall(label)}
    return Counter({word: count for word, count in missing.items() if word not in labels})


def streamed(source: str, order: random.Random) -> str:
    renderer = IncrementalRenderer()
    start = 0
    while start < len(source):
        end = start + order.randint(1, 12)
        renderer.feed(source[start:end])
        renderer.open_end()
        start = end
    renderer.finish()
    return "".join(renderer.blocks)


@settings(max_examples=600, deadline=None)
@given(TEXTS, st.randoms(use_true_random=False))
def test_no_word_of_any_markdown_is_lost(source: str, order: random.Random) -> None:
    assert not lost(source, render(source))
    assert not lost(source, streamed(source, order))


CASES = [
    "[zorp]: quib",
    "[zorp]: quib\n[flaxe]: mondu\n\ntresk",
    "[^zorp]: quib",
    "tresk[^zorp] quib[^2]\n\n[^zorp]: flaxe\n[^2]: mondu\n    vilno",
    "[2]: https://e.org/zorp 'quib'",
    "[tresk][1]\n\n[1]: https://e.org/zorp 'quib'\n[1]: https://e.org/vilno",
    "- [1]: <https://e.org/zorp> (quib)\n- [2]: ./flaxe",
    "> [1]: https://e.org/zorp\n> \n> quib",
    '[zorp](https://e.org/quib "flaxe") [mondu](./tresk "vilno") [pargo](javascript:husti)',
    "![zorp](https://e.org/quib 'flaxe') ![mondu](tresk.png 'vilno')",
    "![zorp [quib](https://e.org/flaxe)](https://e.org/mondu)",
    "[![zorp](https://e.org/quib 'flaxe')](https://e.org/mondu 'tresk')",
    "![zorp $quib$ **flaxe**](mondu)",
    '```zorp title="quib" {flaxe}\nmondu\n```',
    "~~~ zorp quib\nflaxe\n",
    "- ```zorp quib\n  flaxe\n  ```",
    "| zorp | quib |\n|---|---|\n| flaxe | mondu | tresk | vilno |\n| `pargo|husti` | brelk |\n| snavo",
    "| zorp |\n|---|\n| quib | flaxe \\| mondu | `tresk|` |",
    "---\nzorp: quib\nflaxe: mondu\n---\n\ntresk",
    "<details>\n<summary>zorp</summary>\n\nquib <b title='flaxe'>mondu</b> <!-- tresk -->\n</details>",
    "<zorp> </quib> <flaxe:mondu> <tresk@e.org> <https://e.org/vilno>",
    "&zorp; &amp;quib; \\flaxe \\*mondu\\*",
    "# zorp #quib #\n\n#\n\nflaxe\n===\n\nmondu\n---",
    "- [ ] zorp\n- [x] quib\n- [y] flaxe\n-\n- mondu",
    r"$\text{zorp} % quib$ and $$\nosuch{flaxe}$$ and $\newcommand{\mondu}{tresk}$",
    r"\[\label{zorp}\] and \(\) and $quib and flaxe$ \[mondu\] \[tresk vilno\]",
    "zorp<br>quib<br/>\nflaxe  \nmondu\\\ntresk",
    "    zorp\n\n\tquib\n\n> - 1. flaxe",
]


@pytest.mark.parametrize("source", CASES)
def test_no_word_of_these_is_lost(source: str) -> None:
    assert not lost(source, render(source))
    for seed in range(5):
        assert not lost(source, streamed(source, random.Random(seed)))


def test_the_comparison_sees_what_is_lost() -> None:
    assert lost("zorp quib zorp", "<p>zorp</p>") == Counter(zorp=1, quib=1)
    assert lost("[zorp]: quib", "<p></p>") == Counter(zorp=1, quib=1)
    assert not lost("[quib](zorp)", '<a title="zorp">quib</a>')
