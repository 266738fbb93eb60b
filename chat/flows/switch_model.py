from __future__ import annotations

from typing import TYPE_CHECKING

from chat.flows.select_model import select_model
from playground.parameters.form.carrying import Carried, carry_over

if TYPE_CHECKING:
    from accounts.models import User
    from chat.models import ComposerSetting
    from playground.models import Endpoint


def switch_model(setting: ComposerSetting, user: User, endpoint: Endpoint) -> Carried:
    """Switch to another model, or to another endpoint of it, and carry over the values that it accepts.

    The other values are set aside, and come back with the next model that accepts them. ``set_aside``
    holds them by parameter (``values``), the choice before (``model``, ``kind``), the number of values
    carried over (``kept``), those of them that had been set aside (``back``), and whether all that was
    announced to the user (``is_told``).
    """
    if setting.is_for(endpoint):
        carried = carry_over(endpoint, setting.parameters)
        select_model(setting, user, endpoint, carried.kept)
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
    select_model(setting, user, endpoint, carried.kept, set_aside=set_aside)
    return carried
