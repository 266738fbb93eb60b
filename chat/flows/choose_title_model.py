from __future__ import annotations

from typing import TYPE_CHECKING

from chat.models import TitleSetting

if TYPE_CHECKING:
    from accounts.models import User, Workspace
    from playground.models import UpstreamModel


def choose_title_model(workspace: Workspace, model: UpstreamModel | None, *, actor: User) -> None:
    """Have a model make the titles of a workspace's new conversations; without one, prompts make them."""
    if model is None:
        TitleSetting.objects.filter(workspace=workspace).delete()
    else:
        TitleSetting.objects.update_or_create(workspace=workspace, defaults={"model": model})
