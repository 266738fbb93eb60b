"""The state that the blocks of one answer share while it is written."""

from __future__ import annotations

from collections import ChainMap
from typing import Any

from chat.markdown.code import BLOCK_LIMIT


class Context:
    """Link definitions and headings so far. Drafts use them, but only finished blocks add to them."""

    def __init__(self) -> None:
        self._references: dict[str, Any] = {}
        self._outline: list[int] = []

    def final_env(self, **settings: object) -> dict[str, Any]:
        return {
            "references": self._references,
            "outline": self._outline,
            "colours": BLOCK_LIMIT,
            **settings,
        }

    def draft_env(self, **settings: object) -> dict[str, Any]:
        # Drafts have no colours: their lines are rendered again with every line that follows.
        return {
            "references": ChainMap({}, self._references),
            "outline": [*self._outline],
            "colours": 0,
            **settings,
        }
