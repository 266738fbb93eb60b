"""The vulnerabilities on the list of the team, compared with the tests, if it is beside the checkout."""

from __future__ import annotations

import re

import pytest

from tests.test_known_vulnerabilities import PROVED_BY, unaffected
from tests.upstream_facts import FACTS

LISTED = FACTS.parent / "TRAPS.md"


@pytest.mark.skipif(not LISTED.is_file(), reason="needs the folder shared beside the checkout")
def test_each_listed_vulnerability_has_a_test_or_a_reason():
    section = LISTED.read_text(encoding="utf-8").partition("### 5.1")[2].partition("\n### ")[0]
    rows = [line.split("|")[1] for line in section.splitlines() if line.startswith("| 20")]
    numbers = {number for row in rows for number in re.findall(r"\d{4}-\d+", row)}

    assert len(numbers) > 30
    assert {f"CVE-{number}" for number in numbers} <= PROVED_BY.keys() | unaffected()
