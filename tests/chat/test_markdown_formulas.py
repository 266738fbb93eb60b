from __future__ import annotations

import re
from html import unescape

import pytest

from chat.markdown import render


@pytest.mark.parametrize("source", ["$E = mc^2$", r"\(E = mc^2\)"])
def test_a_formula_in_a_line(source: str) -> None:
    html = render(f"Then {source}, so")

    assert '<p dir="auto">Then <math><mi>E</mi>' in html
    assert "</math>, so</p>" in html


@pytest.mark.parametrize(
    "source",
    [
        "$$E = mc^2$$",
        "$$\nE\n= mc^2\n$$",
        r"\[E = mc^2\]",
        "\\[\nE\n= mc^2\n\\]",
        "Text\n$$\nE\n- mc^2\n$$\ntext",
    ],
)
def test_a_formula_of_its_own(source: str) -> None:
    html = render(source)

    assert (
        '<span class="math-block" role="group" aria-label="Formula" tabindex="0"><math display="block">'
        in html
    )
    assert "$" not in html
    assert "<li>" not in html


@pytest.mark.parametrize(
    "source",
    [
        "$5 or $6",
        "from $5 to $10, or $ 7 $",
        "US$5 and CA$6",
        r"\$a\$",
        "a $ b",
        "$x",
        "$$",
        "$$ $$",
        "`$a$`",
        "$5-$6",
        "costs 5$ or 6$",
    ],
)
def test_money_is_no_formula(source: str) -> None:
    assert "<math" not in render(source)


@pytest.mark.parametrize(
    "formula",
    [
        r"\frac{1}",
        r"\left(",
        r"{",
        r"\begin{matrix}",
        "a_b_c",
        r"\nosuch{",
        r"x + \nosuch{y} & z",
        r"\begin{tikzpicture} \draw (0,0); \end{tikzpicture}",
        r"\begin{CD} A @>>> B \end{CD}",
        r"\href{https://example.org}{x}",
        r"\rule{1em}{1em}",
        r"\eqref{eq:1}",
        r"\ref{eq:1} + 1",
        r"\ce{A & B}",
        r"\text{an open $x}",
        r"x % a comment that would vanish",
        r"\newcommand{\unused}{some words} x",
        r"\newcommand{\alone}{x}",
        r"\def\a{\a\a}\a",
        "x" * 6_000,
        "{" * 50 + "}" * 50,
    ],
)
@pytest.mark.parametrize("around", ["$${}$$", "$$\n{}\n$$", "\\[\n{}\n\\]"])
def test_what_cannot_be_converted_is_its_whole_source(formula: str, around: str) -> None:
    source = around.format(formula)

    assert unescape(re.sub("<[^>]+>", "", render(source))).strip() == source


@pytest.mark.parametrize(
    ("formula", "text"),
    [
        (r"\text{50\% of x}", "50% of x"),
        (r"\text{a \& b, c\_d, \$5 each}", "a & b, c_d, $5 each"),
        (r"\text{if $x > 0$ then}", "if x>0 then"),
        (r"x = 5% y", "x=5%y"),
        (r"a = b \notag", "a=b"),
        (r"a &= b \\ &= c", "a=b=c"),
        (r"a = b \tag{7}", "a=b(7)"),
        (r"\begin{align} a &= b \\[6pt] c &= d \\ \end{align}", "a=bc=d"),
        (r"\begin{equation} a \label{eq:one} \end{equation}", "a"),
        (r"\newcommand{\half}{\frac12} \half x", "12x"),
        (r"\colorbox{yellow}{x}", "x"),
        ("∅ ∛ √", "∅∛√"),
    ],
)
def test_a_formula_shows_these_signs(formula: str, text: str) -> None:
    html = render(f"$${formula}$$")

    assert "<math" in html
    assert "".join(unescape(re.sub("<[^>]+>", "", html)).split()) == "".join(text.split())


@pytest.mark.parametrize(
    "text",
    [
        "变量$x$是整数，若$a>0$，则$b<0$。",
        "設$f(x)=x^2$，求$f'(x)$。",
        "（$n$）と「$m$」",
        "式$E=mc^2$より",
        "값$x$는 정수",
        "圆的面积为\\(\\pi r^2\\)。",
        "the $n$th term",
    ],
)
def test_a_formula_beside_other_scripts(text: str) -> None:
    html = render(text)

    assert "<math" in html
    assert "$" not in html


@pytest.mark.parametrize(
    "text",
    [
        r"price\[1\] and list\[2\]",
        r"see \[citation needed\] there",
        r"call f\(x\) or print\(value\)",
        r"\(see the note below\)",
        r"\[see below\]",
        r"- item\[3\] of the list",
        r"| a\[0\] | b |",
        "It costs $5 and she paid 6$.",
        "$100 million and 200$",
    ],
)
def test_prose_between_escaped_brackets_or_prices_is_text(text: str) -> None:
    assert render(text).count("<math") == render(text).count("math-source") == 0


@pytest.mark.parametrize(
    "text", [r"so \[x = 1\] holds", r"for \(x\) and \(n\)", r"\[ x \]", r"\(\alpha\)", "\\[\n1\n\\]"]
)
def test_mathematics_between_brackets_is_a_formula(text: str) -> None:
    assert "<math" in render(text)


@pytest.mark.parametrize(
    ("colour", "name"),
    [("red", "m-red"), ("blue", "m-blue"), ("#00AA00", "m-green"), ("white", "m-grey"), ("purple", "m-pink")],
)
def test_colours_are_those_of_the_page(colour: str, name: str) -> None:
    assert f'class="{name}"' in render(rf"$\textcolor{{{colour}}}{{x}}$")


@pytest.mark.parametrize(
    "formula",
    [
        r"\begin{aligned} a &= b \\ c &= d \end{aligned}",
        r"\begin{array}{|c:c|} \hline a & b \\ \hline \end{array}",
        r"\begin{align} a \label{composer} \end{align}",
        r"\mathrel{x} \! \color{red} y",
        r"\cfrac{1}{2} \begin{multline} a \\ b \end{multline}",
        r"x \tag{1}",
    ],
)
def test_the_converters_styles_and_ids_become_classes(formula: str) -> None:
    html = render(f"$${formula}$$")

    assert "<math" in html
    assert " style=" not in html
    assert " id=" not in html
    assert "href" not in html


@pytest.mark.parametrize(
    "nested", [r"\frac{" * 300 + "1", r"\sqrt" * 400 + "x", "{" * 900, r"\left(" * 200, "^" * 900]
)
def test_deep_nesting_is_its_source(nested: str) -> None:
    html = render(f"$${nested}$$")

    assert "<math" not in html
    assert nested[:20] in html


def test_a_formula_without_an_end_does_not_swallow_the_answer() -> None:
    html = render("$$\na = b\n\n# Title\n\n- item")

    assert "<h3" in html
    assert "<li>item</li>" in html


@pytest.mark.parametrize(
    "formula",
    [
        r"\text{<script>alert(1)</script>}",
        r"\text{<img src=x onerror=alert(1)>}",
        r"\text{</mtext></math><a href='javascript:x'>y</a>}",
        r"\text{<style>*{display:none}</style>}",
        r"\href{javascript:alert(1)}{x}",
        r"\class{composer}{x}",
        r"\style{position:fixed}{x}",
        r"\cssId{composer}{x}",
        r"\unicode{60}script>",
        r"\color{red;background:url(https://evil.example)}{x}",
        r"\includegraphics{https://evil.example/x.png}",
        r"\mathrm{<iframe src=//evil.example>}",
    ],
)
@pytest.mark.parametrize("around", ["${}$", "$${}$$", "\\({}\\)", "\\[\n{}\n\\]"])
def test_a_formula_carries_nothing_active(formula: str, around: str) -> None:
    html = render(around.format(formula))

    for active in ("<script", "<img", "<style", "<iframe", "<a ", " href", " onerror=", " id=", " style="):
        assert active not in html


@pytest.mark.parametrize(
    "formula", [r"\hspace{9999em}x", r"\hspace{-9999em}x", r"\rule{9999em}{9999em}", r"\kern-99999pt x"]
)
def test_a_formula_does_not_reach_over_the_page(formula: str) -> None:
    assert "9999" not in render(f"$$a {formula}$$").partition("<code")[0]


def test_formulas_without_end_are_their_source_at_last(monkeypatch) -> None:
    monkeypatch.setattr("chat.markdown.parser._FORMULA_SECONDS", 0)

    assert render("$a < b$") == '<p dir="auto"><code class="math-source">$a &lt; b$</code></p>\n'
