from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db import transaction

from accounts import audit
from accounts.flows.save_key import refuse_taken_label, subject_of
from accounts.models import ApiKey, AuditAction, Group, Membership, Role
from accounts.permissions import people_in_words

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import date

    from accounts.models import User


@dataclass(frozen=True, slots=True)
class KeySettings:
    """The settings of a key beside its secret. The last three are those of shared keys alone."""

    label: str
    expires_on: date | None = None
    model_patterns: Collection[str] = ()
    lowest_role: str = Role.VIEWER
    groups: Collection[Group] = ()
    people: Collection[Membership] = ()


@transaction.atomic
def change_key(key: ApiKey, settings: KeySettings, *, actor: User) -> None:
    """Change a key's name, its last day, and whom and which models it is for.

    :raises KeyRefused: another key of the provider has the name.
    :raises ApiKey.DoesNotExist: it was deleted in the meantime.
    """
    # The lock keeps a group from being deleted, and a person from leaving, at the same moment.
    key.workspace.lock()
    key = ApiKey.objects.select_related("workspace").get(pk=key.pk)
    of_provider = ApiKey.objects.filter(workspace=key.workspace, provider_code=key.provider_code)
    refuse_taken_label(settings.label, of_provider.filter(member=key.member_id).exclude(pk=key.pk))
    before = _facts(key)
    if key.expires_on != settings.expires_on:
        key.reminders = 0
    key.label, key.expires_on = settings.label, settings.expires_on
    key.model_patterns = list(settings.model_patterns)
    if key.member_id is None:
        key.lowest_role = settings.lowest_role
        key.groups.set(Group.objects.filter(workspace=key.workspace, pk__in=_keys(settings.groups)))
        key.people.set(Membership.objects.filter(workspace=key.workspace, pk__in=_keys(settings.people)))
    key.save(update_fields=["label", "expires_on", "reminders", "model_patterns", "lowest_role"])
    audit.record(
        key.workspace,
        AuditAction.CHANGE_KEY,
        actor=actor,
        subject=subject_of(key),
        code=key.code,
        before=before,
        after=_facts(key),
    )


@transaction.atomic
def switch_key(key: ApiKey, *, is_on: bool, actor: User) -> None:
    """Disable a key or enable it. Runs that wait for their turn with a disabled key fail."""
    changed = ApiKey.objects.filter(pk=key.pk, is_enabled=not is_on).update(is_enabled=is_on)
    if changed:
        audit.record(
            key.workspace_id,
            AuditAction.SWITCH_KEY,
            actor=actor,
            subject=subject_of(key),
            code=key.code,
            before={"enabled": not is_on},
            after={"enabled": is_on},
        )


def prefer_key(key: ApiKey, member: Membership, *, is_first: bool) -> None:
    """Use a key before all others of its provider for this member, or no longer."""
    through = ApiKey.preferred_by.through._default_manager
    same = {"apikey__workspace": key.workspace_id, "apikey__provider_code": key.provider_code}
    with transaction.atomic():
        through.filter(membership=member, **same).delete()
        if is_first:
            key.preferred_by.add(member)


def whose(key: ApiKey) -> str:
    """Name the people that a shared key is for. Runs two queries."""
    names = list(key.groups.order_by("name_key").values_list("name", flat=True))
    people = key.people.select_related("user")
    names += sorted((audit.name_of(member.user) for member in people), key=str.casefold)
    return people_in_words(key.lowest_role, names)


def _facts(key: ApiKey) -> dict[str, Any]:
    facts = {"name": key.label, "last day": key.expires_on, "models": key.model_patterns}
    return facts if key.member_id else {**facts, "for": whose(key)}


def _keys(rows: Collection[Any]) -> list[int]:
    return [row.pk for row in rows]
