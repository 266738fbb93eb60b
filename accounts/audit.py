"""The audit log of a workspace: who did what, when, to what, and from where.

An event is written in the transaction of the change that it tells about, so that neither is stored without
the other. Only this module writes events, nothing changes one, and nothing deletes one but the end of its
retention (:mod:`accounts.flows.purge_audit_events`) or of its workspace.
"""

from __future__ import annotations

import json
import logging
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import transaction

from accounts.folding import fold
from accounts.models import AuditAction, AuditEvent, Membership
from accounts.origins import current_origin

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping
    from uuid import UUID

    from accounts.models import User, Workspace

logger = logging.getLogger("audit")

_LONGEST_VALUE = 500
_LONGEST_NAME = 200
_LONGEST_SUBJECT = 300


def record(
    workspace: Workspace | int,
    action: AuditAction,
    *,
    actor: User | None,
    subject: object = "",
    code: UUID | str | int = "",
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> None:
    """Write an event. Call it in the transaction of the change.

    :param subject: the object that the action changed; its text is stored.
    :param code: a mark of the object, the same in all of its events.
    :param before: the properties that changed as they were; those that are equal in ``after`` are left out.
        Neither may have a secret.
    """
    number = workspace if isinstance(workspace, int) else workspace.pk
    _store([_event(number, action, actor, str(subject), str(code), *_changes(before or {}, after or {}))])


@dataclass(frozen=True, slots=True)
class ChangedObject:
    """An object that an action has changed, with its properties before and after; see :func:`record`."""

    subject: str
    code: UUID | str
    before: Mapping[str, Any] = field(default_factory=dict)
    after: Mapping[str, Any] = field(default_factory=dict)


def record_many(
    workspace: Workspace, action: AuditAction, changes: Iterable[ChangedObject], *, actor: User | None
) -> None:
    """Write an event for each change, all in one statement. Call it in the transaction of the changes."""
    _store(
        _event(
            workspace.pk,
            action,
            actor,
            change.subject,
            str(change.code),
            *_changes(change.before, change.after),
        )
        for change in changes
    )


def record_everywhere(
    user: User,
    action: AuditAction,
    *,
    actor: User | None,
    subject: str | None = None,
    after: Mapping[str, Any] | None = None,
) -> None:
    """Write an event about a person into the audit log of every workspace that they belong to.

    ``subject`` is the person, if they are not the actor, unless it is given.
    """
    about = ("" if actor == user else name_of(user)) if subject is None else subject
    _, told = _changes({}, after or {})
    _store(
        _event(workspace, action, actor, about, f"user {user.pk}", {}, told)
        for workspace in Membership.objects.filter(user=user).values_list("workspace", flat=True)
    )


def _event(
    workspace: int,
    action: AuditAction,
    actor: User | None,
    subject: str,
    code: str,
    before: dict[str, Any],
    after: dict[str, Any],
) -> AuditEvent:
    origin, name = current_origin(), name_of(actor) if actor else ""
    words = fold(f"{name} {action.label} {subject} {origin}")
    return AuditEvent(
        workspace_id=workspace,
        actor=actor,
        actor_name=name[:_LONGEST_NAME],
        action=action,
        subject=subject[:_LONGEST_SUBJECT],
        subject_code=code[:80],
        before=before,
        after=after,
        origin=origin,
        words=words,
    )


def last_actor_of(
    workspace: Workspace, actions: Collection[AuditAction], *, code: UUID | str = "", but: User
) -> str:
    """Return the name of the last person other than ``but`` who did one of these; empty if none is known."""
    found = AuditEvent.objects.filter(workspace=workspace, action__in=actions).exclude(actor=but)
    found = found.filter(subject_code=str(code)) if code else found
    return found.values_list("actor_name", flat=True).first() or ""


def name_of(user: User) -> str:
    """Return a person's name with the address, which stays the same when the name changes."""
    return f"{user.name} ({user.email})" if user.name else user.email


def _changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    old, new = ({name: _short(value) for name, value in each.items()} for each in (before, after))
    same = {name for name in old.keys() & new.keys() if old[name] == new[name]}
    return (
        {name: value for name, value in old.items() if name not in same},
        {name: value for name, value in new.items() if name not in same},
    )


def _short(value: Any) -> Any:
    """Return a value as JSON has it; anything but numbers, texts and lists of them becomes a text."""
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, list | tuple | set | frozenset):
        return [_short(each) for each in list(value)[:50]]
    text = str(value)
    return text if len(text) <= _LONGEST_VALUE else f"{text[: _LONGEST_VALUE - 1]}…"


def _store(events: Iterable[AuditEvent]) -> None:
    stored = AuditEvent.objects.bulk_create(events)
    if settings.AUDIT_TO_LOG and stored:
        transaction.on_commit(partial(_log, stored))


def _log(events: Iterable[AuditEvent]) -> None:
    for event in events:
        logger.info("%s", json.dumps(as_dict(event), ensure_ascii=False))


def as_dict(event: AuditEvent) -> dict[str, Any]:
    """Return an event as other programs read it, in the log and in the export."""
    return {
        "at": event.at.isoformat(),
        "event": str(event.code),
        "workspace": event.workspace_id,
        "actor": event.actor_name,
        "action": event.action,
        "subject": event.subject,
        "subject_code": event.subject_code,
        "before": event.before,
        "after": event.after,
        "origin": event.origin,
    }
