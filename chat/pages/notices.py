"""Notices of the parameters pane: values that were left behind, and changes of the schema."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from playground.access import as_decided, models_for
from playground.carrying import Choices, carry_to
from playground.catalogue.changes import changes_since

if TYPE_CHECKING:
    from accounts.models import Membership
    from chat.models import ComposerSetting
    from playground.carrying import CarriedTo
    from playground.catalogue.changes import Difference
    from playground.models import Endpoint
    from playground.parameters.form.carrying import Dropped

LONGEST_VALUE = 60


@dataclass(frozen=True, slots=True)
class LeftBehind:
    """A value that is not sent any more."""

    name: str
    value: str
    reason: str


@dataclass(frozen=True, slots=True)
class WayBack:
    """The model that the values were chosen for: switching to it brings them back."""

    model: int
    kind: str
    name: str


@dataclass(frozen=True, slots=True)
class Notice:
    """A notice that is shown once: about a switch to this model, or else about changes of its schema."""

    is_switch: bool
    left: list[LeftBehind]
    kept: int = 0
    back: tuple[str, ...] = ()
    # The old and the new name of each value that this endpoint writes in another way.
    changed: tuple[tuple[str, str], ...] = ()
    way_back: WayBack | None = None
    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    altered: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FormStart:
    """The initial values of the form, and the notice about them."""

    parameters: dict[str, Any]
    notice: Notice | None = None


def form_start(setting: ComposerSetting, membership: Membership, endpoint: Endpoint | None) -> FormStart:
    """Return the stored parameters as this endpoint accepts them, with a notice of what changed."""
    if endpoint is None:
        return FormStart({})
    is_same = setting.is_for(endpoint)
    if is_same and setting.schema_digest == endpoint.schema_digest:
        return FormStart(setting.parameters, switch_notice(setting, membership, endpoint))
    change = changes_since(endpoint, setting.schema_digest)
    # A parameter that the schema lacks was an extra one before, unless a change removed it.
    is_known = is_same and bool(setting.schema_digest)
    extra = [name for name in setting.parameters if is_known and name not in change.removed]
    current = Choices(setting.parameters, setting.endpoint_kind)
    carried = carry_to(endpoint, current, extra=extra)
    return FormStart(carried.kept, _change_notice(change, carried, is_same=is_same))


def switch_notice(setting: ComposerSetting, membership: Membership, endpoint: Endpoint) -> Notice | None:
    """Return the values that the last switch left, translated or brought back, unless already announced."""
    aside = setting.set_aside
    if not aside or aside.get("is_told"):
        return None
    dropped = carry_to(endpoint, Choices(aside["values"], aside["kind"])).dropped
    # Switches of earlier versions translated nothing.
    changed = tuple((old, new) for old, new in aside.get("changed", ()))
    if not (dropped or aside["back"] or changed):
        return None
    return Notice(
        is_switch=True,
        left=_left(dropped),
        kept=aside["kept"],
        back=tuple(aside["back"]),
        changed=changed,
        way_back=_way_back(membership, aside) if dropped else None,
    )


def _change_notice(change: Difference, carried: CarriedTo, *, is_same: bool) -> Notice | None:
    if not (change or carried.dropped or carried.changed):
        return None
    if not is_same:
        # This endpoint stands in for a model that cannot be used, and the composer says so.
        left = _left(carried.dropped)
        return Notice(is_switch=True, left=left, kept=len(carried.kept), changed=carried.changed)
    return Notice(
        is_switch=False,
        left=_left(carried.dropped),
        kept=len(carried.kept),
        added=change.added,
        removed=change.removed,
        altered=change.altered,
    )


def _way_back(membership: Membership, aside: dict[str, Any]) -> WayBack | None:
    before = models_for(membership).filter(pk=aside["model"]).first() if aside["model"] else None
    return WayBack(before.pk, aside["kind"], as_decided([before])[0].name) if before else None


def _left(dropped: tuple[Dropped, ...]) -> list[LeftBehind]:
    return [LeftBehind(each.name, shown(each.value), each.reason) for each in dropped]


def shown(value: Any) -> str:
    """Return a value as a text that fits on a line."""
    text = value if isinstance(value, str) and value else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= LONGEST_VALUE else f"{text[: LONGEST_VALUE - 1]}…"
