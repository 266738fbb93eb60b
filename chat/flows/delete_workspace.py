from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Exists, F, OuterRef
from django.utils.timezone import now

from accounts import audit
from accounts.access import get_membership_for, require
from accounts.models import AuditAction, Membership
from accounts.permissions import Action
from chat.flows.stop_runs_in import stop_runs_in
from chat.live import broadcast
from chat.models import Conversation, Experiment, Pause, QueuedPrompt

if TYPE_CHECKING:
    from accounts.models import User, Workspace
    from chat.models import Run


def delete_workspace(workspace: Workspace, *, actor: User) -> list[Run]:
    """Close a workspace for all its members. An owner can restore it until it is purged.

    Its memberships are suspended first, so that nothing new begins. Then its answers are stopped, with
    what they cost so far, its experiments are paused, and its queued prompts wait for a person.

    :raises PermissionDenied: the actor is no owner any more.
    :raises Http404: it is deleted already.
    :return: the runs that were live, so that the caller can stop their relays.
    """
    with transaction.atomic():
        workspace.lock()
        require(get_membership_for(actor, workspace.slug), Action.DELETE_WORKSPACE)
        workspace.deleted_at = now()
        workspace.save(update_fields=["deleted_at"])
        members = Membership.objects.filter(workspace=workspace)
        people = list(members.values_list("user", flat=True))
        members.update(is_suspended=True)
        running = Experiment.objects.filter(table__workspace=workspace, state=Experiment.State.RUNNING)
        running.update(state=Experiment.State.PAUSED, pause="The workspace was deleted.")
        queued = QueuedPrompt.objects.filter(conversation=OuterRef("pk"))
        Conversation.objects.filter(Exists(queued), workspace=workspace, queue_pause="").update(
            queue_pause=Pause.STOPPED, queue_version=F("queue_version") + 1
        )
        audit.record(workspace, AuditAction.DELETE_WORKSPACE, actor=actor, subject=workspace.name)
    stopped = stop_runs_in(workspace)
    # The updates above send no signals.
    for person in people:
        broadcast.announce_person(person)
    return stopped
