"""Facts about the upstream, from the folder shared/upstream beside the checkout; a lone checkout has none."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from types import ModuleType

FACTS = Path(__file__).resolve().parent.parent.parent / "shared" / "upstream"

requires_upstream_facts = pytest.mark.skipif(
    not FACTS.is_dir(), reason="needs the folder shared/upstream beside the checkout"
)


def recordings(*prefixes: str) -> list[dict[str, Any]]:
    """Return the manifest's entries with such file names; none where the folder is missing."""
    manifest = FACTS / "recordings" / "manifest.json"
    if not manifest.is_file():
        return []
    entries: list[dict[str, Any]] = json.loads(manifest.read_text(encoding="utf-8"))
    return [entry for entry in entries if entry["file"].startswith(prefixes)]


def recording_bytes(entry: dict[str, Any]) -> bytes:
    """Return the content of a recording that the manifest names."""
    return (FACTS / "recordings" / str(entry["file"])).read_bytes()


def uses_facts(module: ModuleType) -> bool:
    """Return whether a test module has imported something from here."""
    ours = (FACTS, requires_upstream_facts, recordings, recording_bytes)
    return any(value is one for value in vars(module).values() for one in ours)
