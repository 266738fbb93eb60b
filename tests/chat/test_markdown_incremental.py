from __future__ import annotations

import random
import re
from collections.abc import Iterable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chat.markdown import IncrementalRenderer, parser, render
from chat.markdown.open_end import OpenEnd
from tests.chat.markdown_corpus import ANSWER, NASTY, text_of

LINES = [
    *("", "", "- a", "  b", "1. x", "2. y", "> q", "# h", "```", "```py", "~~~", "    code", "  - n", "lazy"),
    *("     deep", "| a | b |", "|---|---|", "| 1 | 2 |", "---", "===", "***", "$$", "x = 1", "\\[", "\\]"),
    *(
        "$$ a $$",
        "text **b**",
        "*",
        "-",
        "+ p",
        "   ```",
        "  ```",
        " - s",
        "\ttab",
        "10) k",
        "> - ql",
        "> ```",
    ),
    *("- [x] t", "[l](https://e.org) `c`", "![i](https://e.org)", "a  ", "b\\"),
]
PIECES = [
    *(
        "- ",
        "1. ",
        "2) ",
        "* ",
        "> ",
        "# ",
        "```",
        "~~~",
        "\n",
        "\n\n",
        "  ",
        "    ",
        "a",
        "b c",
        "**",
        "`",
        "|",
    ),
    *(
        "|-|-|",
        "---",
        "===",
        "$$",
        "\\[",
        "\\]",
        "$",
        "[x](https://e.org)",
        "***",
        "\t",
        "- [ ] ",
        "a | b",
        "\r",
    ),
]
TEXTS = st.one_of(
    st.lists(st.sampled_from(LINES), max_size=10).map("\n".join),
    st.lists(st.sampled_from(PIECES), max_size=14).map("".join),
)


def stream(text: str, cuts: Iterable[int]) -> IncrementalRenderer:
    """Feed the text in pieces, reading the open end after each of them."""
    renderer = IncrementalRenderer()
    start = 0
    for end in [*sorted(set(cuts)), len(text)]:
        renderer.feed(text[start:end])
        assert renderer.open_end().html is not None
        start = max(start, end)
    renderer.finish()
    return renderer


def html_of(renderer: IncrementalRenderer) -> str:
    return "".join(renderer.blocks) + renderer.open_end().html


@pytest.mark.parametrize("text", NASTY, ids=lambda text: repr(text[:16]))
@pytest.mark.parametrize("step", [1, 2, 7, 10_000])
def test_a_streamed_answer_has_the_text_of_the_whole(text: str, step: int) -> None:
    assert text_of(html_of(stream(text, range(step, len(text), step)))) == text_of(render(text))


@pytest.mark.parametrize("step", [1, 5, 64])
def test_a_streamed_answer_looks_like_the_whole(step: int) -> None:
    assert html_of(stream(ANSWER, range(step, len(ANSWER), step))) == render(ANSWER)


# The examples are the same each time; findings of a longer search belong in the corpus.
@settings(max_examples=400, deadline=None, derandomize=True)
@given(TEXTS, st.lists(st.integers(0, 80), max_size=8))
def test_any_text_cut_anywhere_has_the_text_of_the_whole(text: str, cuts: list[int]) -> None:
    streamed = text_of(html_of(stream(text, cuts)))

    assert streamed.replace(" ", "") == text_of(render(text)).replace(" ", "")


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=200), st.lists(st.integers(0, 200), max_size=8))
def test_any_characters_at_all_are_taken(text: str, cuts: list[int]) -> None:
    html_of(stream(text, cuts)).encode()


def test_a_later_definition_makes_a_link_only_in_the_whole() -> None:
    """A documented difference: a finished block does not change any more."""
    text = "See [1].\n\n[1]: https://example.org\n"

    assert text_of(html_of(stream(text, []))) == "See [1]. [1]: https://example.org"
    assert text_of(render(text)) == "See 1."


def test_an_earlier_definition_makes_a_link_at_once() -> None:
    text = "[1]: https://example.org\n\nSee [1].\n"

    first, *others = stream(text, range(1, 40)).blocks
    assert text_of(first) == "[1]: https://example.org"
    assert "".join(others) == render(text)


def test_an_unfinished_definition_is_not_believed() -> None:
    renderer = stream("[1]: https://example.org\n\n[1]", [10, 15, 22])

    assert 'href="https://example.org"' in html_of(renderer)


def test_finished_blocks_never_change() -> None:
    renderer = IncrementalRenderer()
    seen: list[str] = []
    for start in range(0, len(ANSWER), 5):
        renderer.feed(ANSWER[start : start + 5])
        assert renderer.blocks[: len(seen)] == seen
        seen = list(renderer.blocks)
    assert len(seen) > 10


def test_text_is_shown_at_once() -> None:
    renderer = IncrementalRenderer()
    for piece, shown in [
        ("A **bo", "A **bo"),
        ("ld** w", "A bold w"),
        ("ord\n", "A bold word"),
        ("and mo", "A bold word and mo"),
        ("re", "A bold word and more"),
    ]:
        renderer.feed(piece)
        assert text_of(renderer.open_end().html) == shown


@pytest.mark.parametrize(
    "start", ["-", "- ", "1", "1.", "#", "##", "*", "**", "```", ">", "|", "==", "$$", "12", " "]
)
def test_signs_that_say_nothing_yet_do_not_flash_up(start: str) -> None:
    renderer = IncrementalRenderer()
    renderer.feed(f"Paragraph\n{start}")

    assert renderer.open_end().html == '<p dir="auto">Paragraph</p>\n'


def test_list_items_appear_word_by_word() -> None:
    renderer = IncrementalRenderer()
    renderer.feed("- one\n- two **w")
    before = renderer.open_end()
    renderer.feed("ords** and")

    assert text_of(before.html) == "one two **w"
    assert renderer.open_end().html == (
        '<ul dir="auto">\n<li>one</li>\n<li>two <strong>words</strong> and</li>\n</ul>\n'
    )


def test_table_rows_appear_when_they_are_complete() -> None:
    renderer = IncrementalRenderer()
    renderer.feed("| a | b |\n|---|---|\n| 1 | 2 |\n| 3 ")

    html = renderer.open_end().html
    assert text_of(html) == "a b 1 2"
    assert html.endswith("</tbody>\n</table></div>\n")


def test_versions_rise_only_with_changes() -> None:
    renderer = IncrementalRenderer()
    first = renderer.open_end()
    renderer.feed("")
    assert renderer.open_end() is first
    renderer.feed("a")
    second = renderer.open_end()
    assert second.version == first.version + 1
    renderer.feed("\n-")
    assert renderer.open_end().version == second.version


def test_feeding_alone_does_no_work(monkeypatch) -> None:
    renderer = IncrementalRenderer()
    monkeypatch.setattr(IncrementalRenderer, "_advance", lambda self: pytest.fail("worked"))

    renderer.feed("# a\n\n" * 100)


def test_an_open_code_block_only_grows() -> None:
    renderer = IncrementalRenderer()
    renderer.feed("Text\n\n```py\nif a <")
    first = renderer.open_end()
    renderer.feed(" b:\n    pass\n``")
    second = renderer.open_end()
    renderer.feed("`")
    third = renderer.open_end()

    assert first.html.count('<code class="growing">if a &lt;</code>') == 1
    assert second.added_since(first.version) == " b:\n    pass\n"
    assert second.added_since(second.version) == ""
    assert third.version == second.version
    assert first.html == first.html.replace(" b:", "")


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.sampled_from(["`", "``", "a", " ", "\n", "<b>", "&", "~~~", "\n\n", "  x"]), max_size=30),
    st.sampled_from(["```\n", "  ~~~~ py\n", "````x\n"]),
)
def test_what_is_added_makes_what_is_whole(pieces: list[str], opening: str) -> None:
    renderer = IncrementalRenderer()
    renderer.feed(opening)
    shown: OpenEnd = renderer.open_end()
    html = shown.html
    for piece in pieces:
        renderer.feed(piece)
        open_end = renderer.open_end()
        added = open_end.added_since(shown.version)
        if added is None:
            break
        html = html.replace("</code>", f"{added}</code>")
        assert html == open_end.html
        shown = open_end


def test_a_page_of_an_earlier_block_gets_the_whole() -> None:
    renderer = IncrementalRenderer()
    renderer.feed("Text")
    before = renderer.open_end()
    renderer.feed("\n\n```\na")

    assert renderer.open_end().added_since(before.version) is None
    assert renderer.open_end().added_since(99) is None
    assert before.added_since(before.version) is None


UNITS = {
    "answer": f"{ANSWER}\n\n",
    "prose": "Plain words that go on and on, as words do. " * 8 + "\n\n",
    "one paragraph": "Words with **bold** and `code` and [links](https://example.org) in it. ",
    "one line of words": "word ",
    "one word": "abcdef",
    "lines": "A line of a poem with *some* emphasis\n",
    "code": "x = compute(a, b)  # <something>\n",
    "a list": "- an item with **bold** words and `code` in it\n",
    "a loose list": "1. an item\n\n   and its second paragraph\n\n",
    "one item": "words of one item ",
    "a nested list": "  - a nested item with **bold** words\n",
    "a table": "| one cell | **another** cell | `third` |\n",
    "one row": "| cell ",
    "a quotation": "> quoted words that **go** on\n",
    "indented code": "    code line here\n",
    "a formula": "a + b = c\n",
    "unclosed emphasis": "**never closed ",
    "one heading": "words of a title ",
}
STARTS = {
    "code": "```python\n",
    "one item": "- ",
    "a nested list": "- top\n",
    "a table": "| a | b | c |\n|---|---|---|\n",
    "one row": "| a | b |\n|---|---|\n",
    "a formula": "$$\n",
    "one heading": "# ",
}


@pytest.mark.parametrize("kind", UNITS)
def test_the_cost_per_token_does_not_grow(kind: str, monkeypatch) -> None:
    """The cost is counted in characters that are parsed and sent; benches measure time."""
    short, long = _cost(kind, 16_000, monkeypatch), _cost(kind, 48_000, monkeypatch)

    assert long <= 1.3 * short + 2


def _cost(kind: str, size: int, monkeypatch) -> float:
    """Return the characters that are parsed and sent per character of the answer."""
    cost = 0

    def counted(method):
        def call(source, env):
            nonlocal cost
            cost += len(source)
            return method(source, env)

        return call

    monkeypatch.setattr(parser._md, "parse", counted(type(parser._md).parse.__get__(parser._md)))
    monkeypatch.setattr(parser._md, "parseInline", counted(type(parser._md).parseInline.__get__(parser._md)))
    unit = UNITS[kind]
    text = (STARTS.get(kind, "") + unit * (size // len(unit) + 1))[:size]
    renderer, version = IncrementalRenderer(), 0
    for start in range(0, size, 32):
        renderer.feed(text[start : start + 32])
        open_end = renderer.open_end()
        added = open_end.added_since(version)
        if open_end.version != version:
            cost += len(open_end.html if added is None else added)
        version = open_end.version
    renderer.finish()
    return cost / size


@pytest.mark.parametrize("kind", UNITS)
def test_a_long_block_loses_nothing(kind: str) -> None:
    unit = UNITS[kind]
    text = STARTS.get(kind, "") + unit * (20_000 // len(unit) + 1)
    order = random.Random(7)
    cuts = sorted(order.sample(range(len(text)), 500))

    streamed = _words(html_of(stream(text, cuts)))

    assert streamed == _words(render(text))


@pytest.mark.parametrize("between", ["\n", "\n\n", "  \n", "\n  - nested\n"])
def test_a_cut_list_shows_no_item_twice(between: str) -> None:
    renderer = IncrementalRenderer()
    for number in range(150):
        renderer.feed(f"- item {number:04}")
        renderer.feed(" with some words")
        html_of(renderer)
        renderer.feed(between)
        shown = text_of(html_of(renderer))
        assert [shown.count(f"item {shown_number:04} with") for shown_number in range(number + 1)].count(
            1
        ) == number + 1


def _words(html: str) -> str:
    """Return letters only: signs of emphasis may remain at a cut, and buttons are added."""
    return re.sub(r"[^a-z]", "", text_of(html).replace("Copy", ""))


def test_quotations_inside_of_each_other_cost_no_more_than_their_signs() -> None:
    """Ambiguous spaces in the pattern would give 2 to the 64th ways to match this line."""
    renderer = IncrementalRenderer()
    for _ in range(3):
        renderer.feed("> " * 64 + "A few words\n")
        renderer.feed("> " * 64 + "and more")
        renderer.open_end()
    assert text_of(renderer.open_end().html).count("more") == 3
