"""Values of one endpoint's parameters carried over to another endpoint, of the same or of another kind."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from playground.parameters.form.carrying import Dropped, carry_over
from playground.parameters.schema.request_schema import request_schema_of
from playground.upstream import dialects

if TYPE_CHECKING:
    from playground.models import Endpoint


@dataclass(frozen=True, slots=True)
class CarriedTo:
    kept: dict[str, Any]
    dropped: tuple[Dropped, ...]
    # The old and the new name of each kept value that is written in another way now.
    changed: tuple[tuple[str, str], ...] = ()

    @property
    def set_aside(self) -> dict[str, Any]:
        """The dropped values by name, for a later switch; of a list, some items may have been dropped."""
        values: dict[str, Any] = {}
        for each in self.dropped:
            before = values.get(each.name)
            if isinstance(before, list) and isinstance(each.value, list):
                values[each.name] = [*before, *each.value]
            else:
                values[each.name] = each.value
        return values


@dataclass(frozen=True, slots=True)
class Choices:
    """Parameters that were chosen at an endpoint of the kind ``kind``."""

    parameters: dict[str, Any]
    kind: str


def carry_to(
    endpoint: Endpoint, current: Choices, aside: Choices | None = None, *, extra: Collection[str] = ()
) -> CarriedTo:
    """Translate the current parameters and those set aside, and keep what the endpoint accepts.

    A value that is not accepted in its new shape is kept in the old one if that is accepted: some
    providers describe the shapes of one dialect at the endpoint of another.

    :param extra: names that stay although the schema does not mention them.
    """
    # A parameter that only another document has must not replace one that all of them have.
    offered = request_schema_of(endpoint).certain
    found = dialects.translate(current.kind, endpoint.kind, offered, current.parameters)
    wanted, left = found.parameters, found.left
    if aside is not None:
        back = dialects.translate(aside.kind, endpoint.kind, offered, aside.parameters)
        wanted, left = dialects.joined(back.parameters, wanted), [*left, *back.left]
    carried = carry_over(endpoint, wanted, extra)
    reshaped = {old for old, new in found.changed if old == new} & {each.name for each in carried.dropped}
    kept = {
        **carried.kept,
        **carry_over(endpoint, {name: current.parameters[name] for name in reshaped}).kept,
    }
    dropped = [each for each in carried.dropped if each.name not in kept]
    dropped += [Dropped(each.name, each.value, each.reason) for each in left]
    changed = [(old, new) for old, new in found.changed if new in carried.kept]
    return CarriedTo(kept, tuple(dropped), tuple(dict.fromkeys(changed)))
