"""The report of a sync, as it is stored and shown."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(slots=True)
class SyncReport:
    """The result of a sync by model; ``changed`` lists the changes of each in words."""

    models: int = 0
    added: list[str] = field(default_factory=list)
    changed: dict[str, list[str]] = field(default_factory=dict)
    retired: list[str] = field(default_factory=list)
    refused: list[tuple[str, str]] = field(default_factory=list)
    # New models that do not chat, with their purposes. They begin switched off.
    unsuited: list[tuple[str, str]] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        found: dict[str, Any] = {
            "models": self.models,
            "added": self.added,
            "changed": [{"model": model, "what": what} for model, what in self.changed.items()],
            "retired": self.retired,
            "refused": [{"model": model, "reason": reason} for model, reason in self.refused],
        }
        if self.unsuited:
            found["unsuited"] = [{"model": model, "purpose": purpose} for model, purpose in self.unsuited]
        return found
