"""The samples of other tools' prompts beside the checkout."""

from __future__ import annotations

import pytest

from tests.upstream_facts import FACTS

FOLDER = FACTS.parent / "prompts"

pytestmark = pytest.mark.skipif(
    not FOLDER.is_dir(), reason="needs the folder shared/prompts beside the checkout"
)
