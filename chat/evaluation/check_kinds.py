from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


JUDGE = "judge"
# The most checks of a table.
MAX_CHECKS = 20
MAX_TEXT = 20_000


@dataclass(frozen=True, slots=True)
class CheckKind:
    """A kind of check: its name for people, and the labels of its one or two texts; empty for none."""


KINDS: dict[str, CheckKind] = {}


@dataclass(frozen=True, slots=True)
class CheckSetting:
    """A check as it was entered."""


def why_refused(setting: CheckSetting) -> str:
    """Return why a check cannot be stored; an empty text if it can.

    A text with variables is checked when it is filled, except for a pattern, where a value stands for itself.
    """
    kind = KINDS.get(setting.kind)
    if kind is None:
        return "Choose a kind of check."
    if len(setting.first) > MAX_TEXT or len(setting.second) > MAX_TEXT:
        return f"Use at most {MAX_TEXT:,} characters."
    if setting.kind != "length" and kind.first and not setting.first.strip():
        return f"Enter: {kind.first}."
    return _why_unusable(setting.filled(dict.fromkeys(setting.variables, "1")))


def _why_unusable(filled: CheckSetting) -> str:
    """Return why a check with values in its place cannot be used; an empty text if it can."""
    return _why_refused[filled.kind](filled) if filled.kind in _why_refused else ""


_why_refused: dict[str, Callable[[CheckSetting], str]] = {}
