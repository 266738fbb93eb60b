from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from chat.flows.select_model import select_model
from playground.carrying import CarriedTo, Choices, carry_to
from playground.catalogue.changes import changes_since
from playground.models import Endpoint
from playground.parameters.form.parameter_form import parameter_form

if TYPE_CHECKING:
    from accounts.models import User
    from chat.models import ComposerSetting


def switch_model(setting: ComposerSetting, user: User, endpoint: Endpoint) -> CarriedTo:
    """Switch to another model, or to another endpoint of it, and carry over the values that it accepts.

    Values that the other endpoint writes in another way are translated. The other values are set aside,
    and come back with the next model that accepts them. ``set_aside`` holds them by parameter
    (``values``), the providers of those that were extra parameters (``extra``), the choice before
    (``model``, ``kind``), the number of values carried over (``kept``), those of them that had been set
    aside (``back``), the old and new names of those that were translated (``changed``), and whether all
    that was announced to the user (``is_told``).
    """
    current, extra = Choices(setting.parameters, setting.endpoint_kind), extra_of(setting)
    if setting.is_for(endpoint):
        carried = carry_to(endpoint, current, extra=extra)
        select_model(setting, user, endpoint, carried.kept)
        return carried
    before = SetBefore(setting.model_id, setting.endpoint_kind, setting.parameters, setting.set_aside, extra)
    carried, set_aside = carried_by_switch(before, endpoint)
    select_model(setting, user, endpoint, carried.kept, set_aside=set_aside)
    return carried


@dataclass(frozen=True, slots=True)
class SetBefore:
    """The choice in a composer before a switch; ``extra`` is that of :func:`extra_of`."""

    model_id: int | None
    kind: str
    parameters: dict[str, Any]
    set_aside: dict[str, Any]
    extra: dict[str, int]


def carried_by_switch(before: SetBefore, endpoint: Endpoint) -> tuple[CarriedTo, dict[str, Any]]:
    """Return the values that a switch to the endpoint carries over, and what it sets aside."""
    earlier, extra = before.set_aside.get("values", {}), before.extra
    aside = Choices(earlier, before.set_aside.get("kind", endpoint.kind))
    of_this = [name for name, provider in extra.items() if provider == endpoint.model.provider_id]
    carried = carry_to(endpoint, Choices(before.parameters, before.kind), aside, extra=of_this)
    was_set = {*before.parameters, *(new for _, new in carried.changed)}
    set_aside = {
        "values": carried.set_aside,
        "model": before.model_id,
        "kind": before.kind,
        "kept": len(carried.kept),
        "extra": {each.name: extra[each.name] for each in carried.dropped if each.name in extra},
        "back": [name for name in carried.kept if name in earlier and name not in was_set],
        "changed": carried.changed,
    }
    return carried, set_aside


def extra_of(setting: ComposerSetting) -> dict[str, int]:
    """Return the extra parameters, chosen now or set aside earlier, with the key of the provider of each.

    They go along to other models of the same provider, since servers and not models define them.
    """
    extra: dict[str, int] = dict(setting.set_aside.get("extra", {}))
    before = Endpoint.objects.filter(model=setting.model_id, kind=setting.endpoint_kind)
    if setting.parameters and (endpoint := before.select_related("model").first()):
        # A parameter that left the schema since is no extra one.
        known = {*parameter_form(endpoint).fields, *changes_since(endpoint, setting.schema_digest).removed}
        extra |= {name: endpoint.model.provider_id for name in setting.parameters if name not in known}
    return extra
