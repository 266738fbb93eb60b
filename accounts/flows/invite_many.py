from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.core.exceptions import PermissionDenied, ValidationError
from django.core.validators import validate_email
from django.db import transaction

from accounts import audit
from accounts.access import get_membership_for
from accounts.flows.invite import new_invitation, open_invitations, roles_to_give
from accounts.folding import same_name
from accounts.invitation_list import read_list
from accounts.models import AuditAction, Group, Invitation, Membership, Role
from accounts.outbox import put_invitations

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from accounts.invitation_list import ListedPerson
    from accounts.models import User, Workspace

MOST_AT_ONCE = 500
_LONGEST_ADDRESS = 254


@dataclass(frozen=True, slots=True)
class InvitationLine:
    """A line of a list with what it means here. One with a ``trouble`` invites nobody."""

    number: int
    email: str
    name: str
    role: Role | None
    groups: tuple[Group, ...]
    trouble: str = ""


@dataclass(frozen=True, slots=True)
class _Known:
    """The people, groups and roles of a workspace with which a list is compared."""

    roles: Mapping[str, Role]
    groups: Mapping[str, Group]
    members: frozenset[str]
    invited: frozenset[str]


def check_list(manager: Membership, text: str, role: str, groups: Collection[Group]) -> list[InvitationLine]:
    """Return the lines of a list, each with its problem if it has one. It takes a fixed number of queries.

    :param role: the role of those for whom the list names none; ``groups`` accordingly.
    """
    listed = read_list(text)
    known = _known(manager, {person.email.lower() for person in listed})
    seen: dict[str, int] = {}
    found = []
    for count, person in enumerate(listed, start=1):
        line = _line(person, known, Role(role), tuple(groups))
        if not line.trouble and line.email in seen:
            line = _with_trouble(line, f"Listed already, in line {seen[line.email]}.")
        elif not line.trouble and count > MOST_AT_ONCE:
            line = _with_trouble(line, f"A list can have at most {MOST_AT_ONCE} people.")
        seen.setdefault(line.email, line.number)
        found.append(line)
    return found


@transaction.atomic
def invite_many(
    workspace: Workspace, text: str, role: str, groups: Collection[Group], days: int, *, actor: User
) -> list[Invitation]:
    """Invite the people of a list who have no problem, all or none, and put their mails into the outbox.

    The list is checked again, so a second click invites nobody twice.

    :raises PermissionDenied: the actor may not give that role.
    :raises Http404: the actor was removed in the meantime.
    """
    workspace.lock()
    manager = get_membership_for(actor, workspace.slug)
    if role not in roles_to_give(manager):
        raise PermissionDenied
    lines = [line for line in check_list(manager, text, role, groups) if not line.trouble]
    made = []
    for line in lines:
        invitation = new_invitation(workspace, line.role or role, line.name, days, actor)
        invitation.email = line.email
        made.append(invitation)
    Invitation.objects.bulk_create(made)
    joins = Invitation.groups.through
    joins._default_manager.bulk_create(
        joins(invitation_id=invitation.pk, group_id=group.pk)
        for invitation, line in zip(made, lines, strict=True)
        for group in line.groups
    )
    audit.record_many(
        workspace,
        AuditAction.INVITE,
        (_change(invitation, line, days) for invitation, line in zip(made, lines, strict=True)),
        actor=actor,
    )
    put_invitations(made)
    return made


def _change(invitation: Invitation, line: InvitationLine, days: int) -> audit.ChangedObject:
    groups = [group.name for group in line.groups]
    after = {"role": invitation.role, "days": days, **({"groups": groups} if groups else {})}
    return audit.ChangedObject(invitation.email, invitation.code, after=after)


def _known(manager: Membership, addresses: Collection[str]) -> _Known:
    workspace = manager.workspace
    members = Membership.objects.filter(workspace=workspace, user__email__in=addresses)
    invited = Invitation.objects.filter(open_invitations(), workspace=workspace, email__in=addresses)
    roles = {word: role for role in roles_to_give(manager) for word in (role.value, role.label.lower())}
    return _Known(
        roles,
        {group.name_key: group for group in Group.objects.filter(workspace=workspace)},
        frozenset(members.values_list("user__email", flat=True)),
        frozenset(invited.values_list("email", flat=True)),
    )


def _line(person: ListedPerson, known: _Known, role: Role, groups: tuple[Group, ...]) -> InvitationLine:
    email = person.email.lower()
    named = known.roles.get(person.role.lower()) if person.role else role
    found = [known.groups.get(same_name(name)) for name in person.groups]
    line = InvitationLine(
        person.line,
        email[:_LONGEST_ADDRESS],
        person.name,
        named,
        tuple(filter(None, found)) if person.groups else groups,
    )
    unknown = [name for name, group in zip(person.groups, found, strict=True) if group is None]
    if not _is_address(email):
        return _with_trouble(line, "This is no e-mail address.")
    if named is None:
        return _with_trouble(line, _trouble_with_role(person.role))
    if unknown:
        return _with_trouble(line, f"There is no group {unknown[0]}.")
    if email in known.members:
        return _with_trouble(line, "Is a member already.")
    if email in known.invited:
        return _with_trouble(line, "Is invited already.")
    return line


def _trouble_with_role(word: str) -> str:
    exists = word.lower() in {each for role in Role for each in (role.value, role.label.lower())}
    return f"You may not give the role {word}." if exists else f"There is no role {word[:40]}."


def _with_trouble(line: InvitationLine, trouble: str) -> InvitationLine:
    return InvitationLine(line.number, line.email, line.name, line.role, line.groups, trouble)


def _is_address(text: str) -> bool:
    try:
        validate_email(text)
    except ValidationError:
        return False
    return len(text) <= _LONGEST_ADDRESS
