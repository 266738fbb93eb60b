"""The end of deleted workspaces: they are emptied in portions, so that no other writer waits for long.

Everything that is deleted with a workspace goes: people, keys, conversations, files, runs, limits and the
audit log. The books stay, since sums of the whole server must stay correct, and with them the row of
the workspace without its name.
"""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import models, transaction
from django.utils.crypto import get_random_string
from django.utils.timezone import now

from accounts import audit
from accounts.models import AuditAction, Hold, Workspace
from chat.flows.delete_in_portions import delete_in_portions
from chat.flows.stop_runs_in import stop_runs_in
from chat.models import (
    Cell,
    Conversation,
    Experiment,
    Message,
    Run,
    RunChunk,
    StoredFile,
    TableCase,
    TableOfCases,
)

logger = logging.getLogger(__name__)


def purge_workspaces() -> None:
    """Empty the workspaces whose time is over, and stop runs that began while theirs was being deleted."""
    for workspace in Workspace.objects.filter(deleted_at__isnull=False, purged_at=None).order_by("pk"):
        stop_runs_in(workspace)
        if _is_over(workspace) and not Run.objects.filter(workspace=workspace, status__in=Run.LIVE).exists():
            _purge(workspace)


def _is_over(workspace: Workspace) -> bool:
    grace = timedelta(days=settings.WORKSPACE_GRACE_DAYS)
    return workspace.deleted_at is not None and workspace.deleted_at <= now() - grace


def _purge(workspace: Workspace) -> None:
    for rows in _in_order(workspace):
        delete_in_portions(rows)
    with transaction.atomic():
        audit.record(workspace, AuditAction.PURGE_WORKSPACE, actor=None, subject=workspace.slug)
        for rows in _of_workspace(workspace):
            rows.delete()
        slug, workspace.slug = workspace.slug, f"purged-{get_random_string(12).lower()}"
        workspace.name, workspace.icon, workspace.purged_at = "Deleted workspace", "", now()
        workspace.save(update_fields=["slug", "name", "icon", "purged_at"])
    logger.info("The deleted workspace %s was purged. Its books stay.", slug)


def _in_order(workspace: Workspace) -> list[models.QuerySet[Any]]:
    """Return the rows of a workspace: the many ones before those that they belong to."""
    own, cases = {"workspace": workspace}, {"table__workspace": workspace}
    return [
        Cell._base_manager.filter(experiment__table__workspace=workspace),
        Experiment._base_manager.filter(**cases),
        TableCase._base_manager.filter(**cases),
        TableOfCases._base_manager.filter(**own),
        StoredFile._base_manager.filter(**own),
        RunChunk._base_manager.filter(run__workspace=workspace),
        Run._base_manager.filter(**own),
        Message._base_manager.filter(conversation__workspace=workspace),
        Conversation._base_manager.filter(**own),
        *_of_workspace(workspace),
    ]


def _of_workspace(workspace: Workspace) -> list[models.QuerySet[Any]]:
    """Return the rows of all models that refer to a workspace and do not outlast it."""
    found = []
    # The hidden ones are those without a name for the way back.
    for relation in Workspace._meta.get_fields(include_hidden=True):
        if not isinstance(relation, models.ManyToOneRel) or relation.on_delete is not models.CASCADE:
            continue
        # The books refer to the holds of runs.
        if relation.related_model is not Hold:
            model: Any = relation.related_model
            found.append(model._base_manager.filter(**{relation.field.name: workspace}))
    return found
