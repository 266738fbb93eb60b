from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from accounts.models import User
    from chat.models import ComposerSetting
    from playground.models import Endpoint
    from playground.parameters.schema.sending import Sending


def select_model(
    setting: ComposerSetting,
    user: User,
    endpoint: Endpoint,
    parameters: dict[str, Any],
    *,
    set_aside: dict[str, Any] | None = None,
    sending: Sending | None = None,
) -> None:
    """Store the choice of an endpoint and its parameters in a conversation, or for the next new chat.

    Without ``set_aside``, the values that an earlier switch set aside stay, and count as announced.
    Without ``sending``, requests are sent as before.
    """
    setting.store(setting.take(endpoint, parameters, set_aside, sending))
