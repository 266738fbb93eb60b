from __future__ import annotations

import doctest
from decimal import Decimal

import pytest

from accounts import fullness, money
from accounts.models import limit


@pytest.mark.parametrize("module", [money, fullness, limit])
def test_the_examples_hold(module):
    outcome = doctest.testmod(module)

    assert outcome.attempted
    assert outcome.failed == 0


# The browser test of the composer's estimate reads the same table.
AMOUNTS = {
    "0": "$0",
    "0.0000005": "$0.0000005",
    "0.0000123": "$0.000012",
    "0.0000999": "$0.0001",
    "0.000101": "$0.0001",
    "0.00099": "$0.00099",
    "0.001642": "$0.0016",
    "0.0123": "$0.0123",
    "0.05": "$0.05",
    "0.0999": "$0.0999",
    "0.09999": "$0.10",
    "0.1": "$0.10",
    "1.5": "$1.50",
    "12345.678": "$12,345.68",
}


@pytest.mark.parametrize(("amount", "text"), AMOUNTS.items())
def test_a_cost_has_sensible_digits(amount, text):
    assert money.usd(Decimal(amount)) == text
