from __future__ import annotations

import doctest

import pytest

from playground.forms import models
from playground.templatetags import playground_figures


@pytest.mark.parametrize("module", [models, playground_figures])
def test_the_examples_hold(module):
    assert doctest.testmod(module).failed == 0
