from __future__ import annotations

import re
from html import unescape

import pytest

from chat.markdown import IncrementalRenderer, render
from chat.markdown.code import colour
from chat.markdown.whole import LONGEST, MOST_LINES


def test_it_renders_text_with_emphasis_and_code() -> None:
    assert render("**a** *b* ~~c~~ `<d>`") == (
        '<p dir="auto"><strong>a</strong> <em>b</em> <s>c</s> <code>&lt;d&gt;</code></p>\n'
    )


def test_it_shows_html_as_text() -> None:
    assert (
        render("<b>x</b> & <!-- y -->") == '<p dir="auto">&lt;b&gt;x&lt;/b&gt; &amp; &lt;!-- y --&gt;</p>\n'
    )


@pytest.mark.parametrize(
    ("source", "levels"),
    [
        ("# a\n\n## b\n\n###### c", "345"),
        ("## a\n\n## b\n\n### c", "334"),
        ("### a\n\nText\n\n# b\n\n#### c\n\n## d", "3344"),
        ("a\n---\n\nb\n===\n\n# c", "333"),
        ("# a\n\n## b\n\n### c\n\n#### d\n\n##### e", "34566"),
        ("# a\n\n> ### b\n> # c\n\n- ## d\n\n## e", "34444"),
        ("> # a\n\n# b", "33"),
    ],
)
def test_headings_stand_below_those_of_the_page_and_skip_no_level(source: str, levels: str) -> None:
    live = IncrementalRenderer()
    for character in source:
        live.feed(character)
        live.open_end()
    live.finish()
    for html in (render(source), "".join(live.blocks)):
        assert "".join(re.findall(r"<h(\d)", html)) == levels


def test_a_code_block_has_its_language_a_copy_button_and_colours() -> None:
    html = render("```Python title=x\nreturn 1\n```")

    assert html.startswith(
        '<figure class="code"><figcaption><span class="code-language">Python title=x</span>'
    )
    assert '<button type="button" class="code-copy" data-copy-code>Copy</button></figcaption>' in html
    assert '<span class="hl-keyword">return </span><span class="hl-number">1' in html


@pytest.mark.parametrize("info", ["", "no-such-language", "<script>", '"onclick="x', "a" * 100])
def test_a_code_block_of_an_unknown_language_is_plain(info: str) -> None:
    html = render(f"```{info}\nreturn 1 < 2\n```")

    assert "<code>return 1 &lt; 2\n</code>" in html


def test_long_code_is_plain() -> None:
    assert "hl-" in render("```python\n" + "return 1\n" * 10 + "```")
    assert "hl-" not in render("```python\n" + "return 1\n" * 10_000 + "```")


def test_code_keeps_every_character() -> None:
    code = "\n\n\tif a:\n  b  \n\n<x>&amp;\n\n"

    html = render(f"```python\n{code}\n```")

    inside = html[html.index("<code>") + 6 : html.index("</code>")]
    assert unescape(re.sub("<[^>]+>", "", inside)) == f"{code}\n"


@pytest.mark.parametrize(
    "code",
    [
        "$ ls\nfile\n$ ",
        "\ufeff$ ls",
        "\n\n",
        "  indented\n",
        "a\x0bb\x0c\x85c\u2028d",
        "{{ x }} <?php ?> ${y}",
    ],
)
@pytest.mark.parametrize(
    "language", ["console", "pycon", "yaml", "html", "java", "dockerfile", "latex", "diff"]
)
def test_colours_change_no_character(code: str, language: str) -> None:
    assert unescape(re.sub("<[^>]+>", "", colour(code, language))) == code


def test_code_that_takes_too_long_goes_on_without_colours(monkeypatch) -> None:
    monkeypatch.setattr("chat.markdown.code._CPU_SECONDS", -1)

    assert colour("return 1 < 2", "python") == "return 1 &lt; 2"


def test_very_long_lines_have_no_colours() -> None:
    assert "hl-" in colour("return " * 10, "python")
    assert "hl-" not in colour("return " * 1_000, "python")


@pytest.mark.parametrize(
    "info",
    ["python", 'python title="a.py"', "python {1,3-4}", "{.python .numbered}", "diff src/a.py", "mermaid"],
)
def test_a_code_block_shows_all_that_its_fence_says(info: str) -> None:
    for source in (f"```{info}\nx\n```", f"- ~~~ {info}\n  x", f"> ```{info}\n> x"):
        label = re.findall(r'<span class="code-language">(.*?)</span>', render(source))
        assert [unescape(found) for found in label] == [info]


@pytest.mark.parametrize(
    ("source", "html"),
    [
        ("Roses are red,\nViolets are blue", '<p dir="auto">Roses are red,<br>\nViolets are blue</p>\n'),
        ("a  \nb\\\nc", '<p dir="auto">a<br>\nb<br>\nc</p>\n'),
        ("a<br>\nb <br/> c", '<p dir="auto">a<br>\nb <br>\n c</p>\n'),
        ("- a\n  b", '<ul dir="auto">\n<li>a<br>\nb</li>\n</ul>\n'),
        ("> a\n> b", '<blockquote dir="auto">\n<p>a<br>\nb</p>\n</blockquote>\n'),
        ("**a\nb**", '<p dir="auto"><strong>a<br>\nb</strong></p>\n'),
        ("a\nb\n===", '<h3 dir="auto">a<br>\nb</h3>\n'),
    ],
)
def test_a_line_end_is_a_line_break(source: str, html: str) -> None:
    assert render(source) == html


def test_a_table_scrolls_and_aligns_by_class() -> None:
    html = render("| a | b | c |\n|:--|--:|:-:|\n| 1 | 2<br>3 | 4 |")

    assert html.startswith('<div class="table-scroll" role="group" aria-label="Table" tabindex="0"><table>')
    assert '<th class="is-right" dir="auto">b</th>' in html
    assert '<td class="is-centred" dir="auto">4</td>' in html
    assert "2<br>" in html
    assert "style" not in html


def test_task_lists_say_what_is_done() -> None:
    html = render("- [x] a\n- [ ] b\n- c")

    assert (
        '<li class="task-item"><span class="task is-done" role="img" aria-label="Done"></span> a</li>' in html
    )
    assert '<span class="task" role="img" aria-label="To do"></span> b' in html
    assert "<li>c</li>" in html
    assert "<input" not in html


def test_every_block_finds_its_own_direction() -> None:
    html = render("مرحبا\n\n- שלום\n\n> hello\n\n# אב")

    assert html.count('dir="auto"') == 4


def test_it_ends_lines_in_one_way() -> None:
    assert render("a\r\n\r\nb\rc") == render("a\n\nb\nc")


@pytest.mark.parametrize("text", ["", " ", "\n\n", "\t\n"])
def test_nothing_to_show_is_nothing(text: str) -> None:
    assert render(text).strip() == ""


def test_a_gigantic_message_is_shown_as_it_was_written() -> None:
    html = render("**a** <b> " * (LONGEST // 9))

    assert html.startswith('<p class="plain" dir="auto">**a** &lt;b&gt; **a**')


def test_a_message_of_too_many_lines_is_too() -> None:
    assert render("- a\n" * (MOST_LINES + 1)).startswith('<p class="plain" dir="auto">- a\n- a\n')


def test_a_bug_in_the_parser_costs_the_looks_not_the_text(monkeypatch, caplog) -> None:
    def broken(source: str, env: object) -> str:
        raise IndexError("a bug")

    monkeypatch.setattr("chat.markdown.whole.blocks_to_html", broken)

    assert render("a *secret* <b>") == '<p class="plain" dir="auto">a *secret* &lt;b&gt;</p>\n'
    assert "Could not render 14 characters" in caplog.text
    assert "secret" not in caplog.messages[0]
