"""The shared folder of facts about the upstream: a checkout may stand next to it, or be alone."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

FACTS = Path(__file__).resolve().parent.parent.parent / "shared" / "upstream"
WHY_NOT = "needs the folder shared/upstream beside the checkout"

requires_upstream_facts = pytest.mark.skipif(not FACTS.is_dir(), reason=WHY_NOT)


@pytest.fixture
def upstream_facts() -> Path:
    if not FACTS.is_dir():
        pytest.skip(WHY_NOT)
    return FACTS


def recordings(*prefixes: str) -> list[dict[str, Any]]:
    """The manifest's entries whose file names begin so; none where the folder is missing."""
    manifest = FACTS / "recordings" / "manifest.json"
    if not manifest.is_file():
        return []
    entries: list[dict[str, Any]] = json.loads(manifest.read_text(encoding="utf-8"))
    return [entry for entry in entries if entry["file"].startswith(prefixes)]


def recording_bytes(entry: dict[str, Any]) -> bytes:
    return (FACTS / "recordings" / str(entry["file"])).read_bytes()
