"""The outcome of an import in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from chat.flows.import_definitions import Planned

_NAMED = 5


def summary(planned: Sequence[Planned]) -> str:
    """Say what was imported, what got another name and what was there already."""
    added = [each for each in planned if not each.is_there]
    renamed = [each for each in added if each.is_renamed]
    there = [each.name for each in planned if each.is_there]
    said = [f"Imported: {_listed([each.name for each in added])}." if added else "Nothing new was imported."]
    if renamed:
        pairs = [f"{each.definition.name} as {each.name}" for each in renamed]
        said.append(f"Saved under another name, since theirs was taken: {_listed(pairs)}.")
    if there:
        said.append(f"Already there: {_listed(there)}.")
    return " ".join(said)


def _listed(names: list[str]) -> str:
    more = len(names) - _NAMED
    return ", ".join(names[:_NAMED]) + (f" and {more} more" if more > 0 else "")
