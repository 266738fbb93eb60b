from __future__ import annotations

from django.conf import settings
from django.db import transaction

from accounts import audit
from accounts.flows.save_key import subject_of
from accounts.models import ApiKey, AuditAction, Workspace
from playground.models import Provider


@transaction.atomic
def offer_environment_keys() -> list[str]:
    """Give the workspaces that may use them the keys of PROVIDER_KEYS; return what is wrong, in sentences.

    A row stands for each key, so that limits, usage and people can refer to it. It has no secret.
    """
    trouble: list[str] = []
    workspaces = Workspace.objects.order_by("pk")
    if slugs := settings.PROVIDER_KEY_WORKSPACES:
        named = list(workspaces.filter(slug__in=slugs))
        missing = sorted(set(slugs) - {workspace.slug for workspace in named})
        trouble += [f"PROVIDER_KEY_WORKSPACES names {slug}, which is no workspace." for slug in missing]
    else:
        named = list(workspaces[:1])
    for code in settings.PROVIDER_KEYS:
        # The address of a provider that a workspace added can be changed there, and the key would go along.
        if not Provider.objects.filter(code=code, workspace=None).exclude(kind=Provider.Type.DEMO).exists():
            trouble.append(f"PROVIDER_KEYS names {code}, which is no provider of the product.")
            continue
        for workspace in named:
            _offer(workspace, code)
    return trouble


def _offer(workspace: Workspace, code: str) -> None:
    workspace.lock()
    row = {"workspace": workspace, "provider_code": code, "member": None, "is_from_environment": True}
    if ApiKey.objects.filter(**row).exists():
        return
    key = ApiKey.objects.create(**row, label="From the environment")
    audit.record(
        workspace,
        AuditAction.SAVE_KEY,
        actor=None,
        subject=subject_of(key),
        code=key.code,
        after={"of": "the workspace, from the environment"},
    )
