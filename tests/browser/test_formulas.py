"""Formulas on a page: their font comes with them, and only with them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from playground.demo.answers import ScriptedAnswer
from tests.browser.test_failures import told  # noqa: F401 - the model that says what it is told to
from tests.browser.test_streamed_answer import finished, last_answer, send

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from playground.demo.replies import Reply
    from playground.demo.steps import Steps

FORMULA = r"""$$x = \frac{-b \pm \sqrt{b^2 - 4ac}}{2a} \quad \sum_{i=1}^{n} i$$

$$\begin{aligned} a &= b \\ &= c \end{aligned} \quad \begin{array}{|c|} \hline d \\ \hline \end{array}$$

$\nosuch{x} & y$
"""


def test_a_formula_brings_its_font(page: Page, told):  # noqa: F811
    fetched: list[str] = []
    page.on("requestfinished", lambda request: fetched.append(request.url))
    answers = iter(["No formula: x, 1 + 1.", FORMULA])

    def play(reply: Reply, body: dict[str, Any]) -> Steps:
        yield from reply.stream(ScriptedAnswer([next(answers)]))

    told(play)
    send(page, "First")
    finished(page)
    assert not [url for url in fetched if ".ttf" in url]

    send(page, "Second")
    finished(page)
    page.wait_for_function("[...document.fonts].some(font => font.status === 'loaded')")
    assert page.evaluate("[...document.fonts].map(font => font.family)") == ["STIX Two Math"]
    assert len([url for url in fetched if ".ttf" in url]) == 1

    maths = last_answer(page).locator("math")
    assert maths.first.evaluate("one => getComputedStyle(one).fontFamily").startswith('"STIX Two Math"')
    # A root covers what stands in it, and the limits of a sum stand above and below it.
    assert maths.first.evaluate(
        """one => {
          const box = name => one.querySelector(name).getBoundingClientRect();
          const root = box("msqrt"), inside = box("msqrt msup");
          const parts = [...one.querySelector("munderover").children];
          const [, from, to] = parts.map(part => part.getBoundingClientRect());
          return root.top <= inside.top && root.left < inside.left && to.bottom < from.top;
        }"""
    )
    # Classes place the columns and draw the lines, since the policy of the page blocks style attributes.
    assert (
        maths.nth(1).evaluate(
            """one => {
          const [first] = one.querySelectorAll("mtd"), line = one.querySelector("[class*=m-line-top]");
          const { textAlign, paddingRight } = getComputedStyle(first);
          return [textAlign, paddingRight, getComputedStyle(line).borderTopStyle].join(" ");
        }"""
        )
        == "right 0px solid"
    )
    assert last_answer(page).locator(".math-source").inner_text() == r"$\nosuch{x} & y$"
