"""Link definitions and footnotes: what looks like a definition is text unless a link uses it."""

from __future__ import annotations

import pytest

from chat.markdown import render
from tests.chat.markdown_corpus import text_of


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("[INFO]: started\n[WARN]: slow", "[INFO]: started [WARN]: slow"),
        ("[12:00]: started", "[12:00]: started"),
        ("[docs]: ./README.md\n\nSee [docs].", "[docs]: ./README.md See [docs]."),
        ("[a]: #top\n\n[a]", "[a]: #top [a]"),
        ("[a]: mailto:\n\n[a]", "[a]: mailto: [a]"),
        ("[Ann]: hello (waves)", "[Ann]: hello (waves)"),
        (
            "Sources\n\n[1]: https://a.example\n[2]: https://b.example",
            "Sources [1]: https://a.example [2]: https://b.example",
        ),
        ("[1]: https://a.example 'Title'", "[1]: https://a.example 'Title'"),
        ("- [1]: https://a.example\n- two", "[1]: https://a.example two"),
        ("> [1]: https://a.example", "[1]: https://a.example"),
        ("[a]: https://a.example\n[a]: https://b.example\n\n[a]", "[a]: https://b.example a"),
        ("[a]: https://a.example\nand text", "[a]: https://a.example and text"),
        (
            "[a]: https://a.example\n\n`[a]` and ![b [a]](https://b.example)",
            "[a]: https://a.example [a] and [image: b [a]]",
        ),
    ],
)
def test_a_definition_that_is_not_used_is_shown(source: str, text: str) -> None:
    assert text_of(render(source)) == text


@pytest.mark.parametrize(
    "source",
    [
        "See [a].\n\n[a]: https://e.org/x",
        "[a]: https://e.org/x\n\nSee [A][].",
        "See [b][a].\n\n[a]:\nhttps://e.org/x\n'Title'",
        "- [a]: https://e.org/x\n\nSee ![a].",
        "> See [a].\n\n> [a]: <https://e.org/x>",
    ],
)
def test_a_definition_that_is_used_makes_a_link(source: str) -> None:
    html = render(source)

    assert 'href="https://e.org/x"' in html
    assert "]:" not in html


@pytest.mark.parametrize(
    ("source", "html"),
    [
        ("Claim[^1].", 'Claim<sup class="note">1</sup>.'),
        ("[^1]: Smith 2020", '<sup class="note">1</sup> Smith 2020'),
        ("[^note]: Ann, p. 7", '<sup class="note">note</sup> Ann, p. 7'),
        ("a[^1]: b", 'a<sup class="note">1</sup>: b'),
        ("[^1]: a\n[^2]: b", '<sup class="note">1</sup> a<br>\n<sup class="note">2</sup> b'),
        ("[^abc] and [^0-9]+ and [^a-z]", "[^abc] and [^0-9]+ and [^a-z]"),
        ("`[^1]`", "<code>[^1]</code>"),
    ],
)
def test_footnotes_are_shown(source: str, html: str) -> None:
    assert render(source) == f'<p dir="auto">{html}</p>\n'
