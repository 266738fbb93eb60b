from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from accounts import audit
from accounts.models import AuditAction
from chat.models import ChatDefault, Draft

if TYPE_CHECKING:
    from accounts.models import User, Workspace
    from playground.models import UpstreamModel


@transaction.atomic
def set_chat_default(
    workspace: Workspace, member: User | None, model: UpstreamModel | None, system_text: str, *, actor: User
) -> None:
    """Store with what the new chats of a member begin; without ``member``, those of the whole workspace.

    Both values are stored together, so of two people who save at once, one sets both.
    """
    chosen = {"model": model, "model_name": model.name if model else "", "system_text": system_text}
    ChatDefault.objects.update_or_create(workspace=workspace, member=member, defaults=chosen)
    # The log is about the workspace, and a default of a member is theirs alone.
    if member is None:
        after = {"model": chosen["model_name"], "system prompt": system_text}
        audit.record(workspace, AuditAction.SET_CHAT_DEFAULT, actor=actor, after=after)
    if member is not None and model is not None:
        _give_up_choice(workspace, member)


def _give_up_choice(workspace: Workspace, member: User) -> None:
    """Let the member's next new chat begin with the defaults, if nothing but a model was chosen in it."""
    only_a_model = Draft.objects.filter(
        user=member,
        workspace=workspace,
        parameters={},
        prompt_text="",
        is_system_set=False,
        is_streamed=True,
        reports_usage=True,
    )
    only_a_model.update(is_begun=False)
