from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from accounts import audit
from accounts.models import AuditAction
from chat.flows.open_title_run import write_title_request
from chat.models import TitleSetting
from playground.access import endpoint_of
from playground.models import DEFAULT_KIND

if TYPE_CHECKING:
    from accounts.models import User, Workspace
    from playground.models import UpstreamModel


@transaction.atomic
def choose_title_model(workspace: Workspace, model: UpstreamModel | None, *, actor: User) -> None:
    """Have a model make the titles of a workspace's new conversations; without one, prompts make them.

    :raises BodyInvalid, TranscriptRefused: the model cannot be asked for one, such as one that takes no text.
    """
    if model is None:
        TitleSetting.objects.filter(workspace=workspace).delete()
        audit.record(workspace, AuditAction.CHOOSE_TITLE_MODEL, actor=actor, after={"model": None})
        return
    if endpoint := endpoint_of(model, DEFAULT_KIND):
        write_title_request(endpoint, workspace.pk, "A prompt", "An answer")
    TitleSetting.objects.update_or_create(workspace=workspace, defaults={"model": model})
    audit.record(workspace, AuditAction.CHOOSE_TITLE_MODEL, actor=actor, after={"model": model.model_id})
