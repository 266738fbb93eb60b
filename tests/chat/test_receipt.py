from __future__ import annotations

import doctest

import pytest
from django.template.loader import get_template

from chat.flows import send_prompt
from chat.models import Run
from chat.pages import receipt, sidebar


@pytest.mark.parametrize("module", [receipt, sidebar, send_prompt])
def test_the_examples_hold(module):
    assert doctest.testmod(module).failed == 0


@pytest.mark.parametrize(
    ("is_estimated", "words"), [(True, "about <b>0.50 USD</b>"), (False, "<b>0.50 USD</b>")]
)
def test_an_estimate_says_that_it_is_one(is_estimated, words):
    run = Run(status=Run.Status.FINISHED, credits=1_000_000, is_cost_estimated=is_estimated)
    html = get_template("chat/_receipt.html").render({"receipt": receipt.final_receipt(run)})

    assert ("about <b>0.50 USD</b>" in html) == is_estimated
    assert ("estimated" in html) == is_estimated
