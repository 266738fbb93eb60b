from __future__ import annotations

from typing import TYPE_CHECKING

from chat.flows.select_model import select_model
from playground.parameters.form.carrying import Carried, carry_over

if TYPE_CHECKING:
    from chat.models import Conversation, Draft
    from playground.models import Endpoint


def switch_model(setting: Conversation | Draft, endpoint: Endpoint) -> Carried:
    """Go over to another model, or to another endpoint of it, with the values that it takes as well.

    What it does not take is set aside, and comes back with the next one that does: ``values`` by
    parameter, what was used before (``model``, ``kind``), how many values came along (``kept``),
    which of those had been set aside (``back``), and whether all that was told (``is_told``).
    """
    if setting.model_id == endpoint.model_id and setting.endpoint_kind == endpoint.kind:
        carried = carry_over(endpoint, setting.parameters)
        select_model(setting, endpoint, carried.kept)
        return carried
    earlier = setting.set_aside.get("values", {})
    carried = carry_over(endpoint, {**earlier, **setting.parameters})
    set_aside = {
        "values": {each.name: each.value for each in carried.dropped},
        "model": setting.model_id,
        "kind": setting.endpoint_kind,
        "kept": len(carried.kept),
        "back": [name for name in carried.kept if name in earlier and name not in setting.parameters],
    }
    select_model(setting, endpoint, carried.kept, set_aside=set_aside)
    return carried
