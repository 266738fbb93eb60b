from __future__ import annotations

import doctest

from accounts import money


def test_the_examples_hold():
    outcome = doctest.testmod(money)

    assert outcome.attempted
    assert outcome.failed == 0
