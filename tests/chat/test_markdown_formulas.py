from __future__ import annotations

import pytest

from chat.markdown import render


@pytest.mark.parametrize("source", ["$E = mc^2$", r"\(E = mc^2\)"])
def test_a_formula_in_a_line(source: str) -> None:
    html = render(f"Then {source}, so")

    assert '<p dir="auto">Then <math display="inline"><mrow><mi>E</mi>' in html
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
    [r"\frac{1}", r"\left(", r"{", r"\begin{matrix}", "a_b_c", r"\nosuch{", "x" * 3_000, "{" * 50 + "}" * 50],
)
def test_what_cannot_be_converted_is_its_source(formula: str) -> None:
    html = render(f"$${formula}$$")

    assert "<math" in html or formula[:6].replace("&", "&amp;") in html


@pytest.mark.parametrize(
    "nested", [r"\frac{" * 300 + "1", r"\sqrt" * 400 + "x", "{" * 900, r"\left(" * 200, "^" * 900]
)
def test_deep_nesting_is_its_source(nested: str) -> None:
    html = render(f"$${nested}$$")

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

    assert render("$a < b$") == '<p dir="auto"><code class="math-source">a &lt; b</code></p>\n'
