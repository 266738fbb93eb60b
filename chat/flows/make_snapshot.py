from __future__ import annotations

import secrets
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils.timezone import now

from accounts import audit
from accounts.models import AuditAction, Workspace
from chat import files
from chat.exceptions import AnswerPending, SnapshotRefused
from chat.exporting.snapshot import copy_for_snapshot
from chat.flows.lock_conversation import lock_conversation
from chat.models import Run, Snapshot, StoredFile
from chat.snapshots import hash_of

if TYPE_CHECKING:
    from accounts.models import User
    from chat.exporting.snapshot import Parts
    from chat.models import Conversation

# Links of one conversation that work at once.
MOST_LIVE = 20


@transaction.atomic
def make_snapshot(
    conversation: Conversation, user: User, parts: Parts, days: int, *, seen: str
) -> tuple[Snapshot, str]:
    """Copy what is to be shown; return the copy, and the token of its link, which is stored nowhere.

    :param seen: the digest of the preview, so that nothing is published that nobody has looked at.
    :raises SnapshotRefused, AnswerPending, ConversationGone: nothing is stored.
    """
    conversation = lock_conversation(conversation)
    conversation.workspace.lock()
    if not Workspace.objects.filter(pk=conversation.workspace_id, allows_public_links=True).exists():
        raise SnapshotRefused("Public links are no longer allowed in this workspace.")
    if Snapshot.objects.live().filter(conversation=conversation).count() >= MOST_LIVE:
        raise SnapshotRefused(f"This conversation has {MOST_LIVE} public links. Revoke one of them first.")
    if Run.objects.filter(conversation__in=conversation.with_columns, status__in=Run.LIVE).exists():
        raise AnswerPending
    copied = copy_for_snapshot(conversation, parts)
    if copied.digest != seen:
        raise SnapshotRefused("The conversation has changed. Look at the new preview, then make the link.")
    if not any(column["messages"] for column in copied.content["columns"]):
        raise SnapshotRefused("There is nothing to show yet.")
    token = secrets.token_urlsafe(32)
    snapshot = Snapshot.objects.create(
        workspace_id=conversation.workspace_id,
        conversation=conversation,
        made_by=user,
        token_hash=hash_of(token),
        title=conversation.title,
        content=copied.content,
        parts=parts.chosen,
        expires_at=now() + timedelta(days=days),
    )
    _keep_files(snapshot, copied.files)
    audit.record(
        conversation.workspace_id,
        AuditAction.MAKE_PUBLIC_LINK,
        actor=user,
        subject=conversation,
        code=conversation.code,
        after={"shows": parts.chosen, "days": days},
    )
    return snapshot, token


def _keep_files(snapshot: Snapshot, originals: list[StoredFile]) -> None:
    """Give the snapshot files of its own, with the same bytes, and write their codes into its content."""
    # The lock keeps the bytes: a file that is deleted at this moment would take them along.
    pks = [file.pk for file in originals]
    kept = (
        list(
            StoredFile.objects.select_for_update(of=("self",)).select_related("workspace").filter(pk__in=pks)
        )
        if pks
        else []
    )
    copies = {str(file.code): files.copy_of(file) for file in kept}
    for copy in copies.values():
        copy.snapshot, copy.uploader = snapshot, None
    StoredFile.objects.bulk_create(copies.values())
    codes = {code: str(copy.code) for code, copy in copies.items()}
    for column in snapshot.content["columns"]:
        for message in column["messages"]:
            message["files"] = [codes[code] for code in message.get("files", ()) if code in codes]
            if (data := message.get("data")) and "images" in data:
                data["images"] = [_renamed(each, codes) for each in data["images"] if each["file"] in codes]
                audio = data["audio"]
                data["audio"] = _renamed(audio, codes) if audio and audio["file"] in codes else None
    snapshot.save(update_fields=["content"])


def _renamed(found: dict[str, Any], codes: dict[str, str]) -> dict[str, Any]:
    return {**found, "file": codes[found["file"]]}
