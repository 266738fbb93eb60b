"""The people, groups, roles and keys that a limit can be for, as its form lists them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from uuid import UUID

from accounts.folding import fold
from accounts.models import ApiKey, Group, Role, User

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.db.models import QuerySet

    from accounts.models import Limit, Workspace

# More people would not fit on a phone, nor would more groups and keys; a search finds the others.
MOST_PEOPLE = 8
MOST_SETS = 24
EACH, EVERYBODY = "each", "everybody"
# A number of 19 digits is larger than any key.
_LONGEST_NUMBER = 18


@dataclass(frozen=True, slots=True)
class SubjectChoice:
    """A choice of the form: its value, its name, a second line, and the fields of the limit."""

    value: str
    name: str
    detail: str = ""
    scope: dict[str, Any] = field(default_factory=dict)

    def has(self, words: str) -> bool:
        """Tell whether all of the words are in the name or the second line, whatever their case."""
        text = fold(f"{self.name} {self.detail}")
        return all(word in text for word in fold(words).split())


@dataclass(frozen=True, slots=True)
class Subjects:
    """The choices that a search finds, as far as they are shown, with the one that is chosen."""

    words: str
    shown: list[SubjectChoice]
    # The number of choices that were found and are not shown.
    more: int
    chosen: SubjectChoice


def exemptible(workspace: Workspace, words: str) -> list[SubjectChoice]:
    """Return the groups and people that a search finds, as far as they are shown."""
    groups = [
        SubjectChoice(f"group:{group.code}", group.name, "Group", {"group": group})
        for group in _groups(workspace)
    ]
    found = [each for each in (*groups, *_people(workspace)) if each.has(words)]
    return found[: 2 * MOST_PEOPLE]


def find_subjects(workspace: Workspace, words: str, chosen: str) -> Subjects:
    """Return what has all the words in its name or address. The chosen one is among them in any case.

    :param chosen: the value of a choice; another text stands for each member.
    """
    sets = [each for each in _sets(workspace) if each.has(words)]
    people = [each for each in (*_people(workspace), *_own_keys(workspace)) if each.has(words)]
    one = subject_of(workspace, chosen) or _EACH
    shown = [*sets[:MOST_SETS], *people[:MOST_PEOPLE]]
    more = len(sets) + len(people) - len(shown)
    if one not in shown:
        # Enter takes the first choice, which has to be one that was searched for.
        shown, more = [*shown, one], more - (one in sets or one in people)
    return Subjects(words, shown, more, one)


def subject_of(workspace: Workspace, value: str) -> SubjectChoice | None:
    """Return the choice of a value that the form sent, or None: not of this workspace, or no value at all."""
    if value.isdecimal():
        member = _members(workspace).filter(pk=value).first() if len(value) <= _LONGEST_NUMBER else None
        return _person(member) if member else None
    kind, _, code = value.partition(":")
    if kind in {"group", "group-each", "key"}:
        return _coded(workspace, kind, code)
    return next((each for each in _fixed() if each.value == value), None)


def value_of(limit: Limit) -> str:
    """Return the value of the choice that a limit was made from."""
    each = "-each" if limit.counts_each else ""
    if limit.member_id is not None:
        return str(limit.member_id)
    if limit.api_key is not None:
        return f"key:{limit.api_key.code}"
    if limit.group is not None:
        return f"group{each}:{limit.group.code}"
    if limit.role:
        return f"role{each}:{limit.role}"
    return EACH if limit.counts_each else EVERYBODY


_EACH = SubjectChoice(EACH, "Each member", "Everybody has it, also whoever joins", {"counts_each": True})


def _fixed() -> Iterator[SubjectChoice]:
    yield _EACH
    yield SubjectChoice(EVERYBODY, "All members together")
    for role in Role:
        name = role.label.lower()
        yield SubjectChoice(
            f"role-each:{role}", f"Each with the role {name}", "", {"role": role, "counts_each": True}
        )
        yield SubjectChoice(f"role:{role}", f"All with the role {name} together", "", {"role": role})


def _sets(workspace: Workspace) -> Iterator[SubjectChoice]:
    yield from _fixed()
    yield from map(_of_key, _keys(workspace).filter(member=None))
    for group in _groups(workspace):
        yield from _of_group(group)


def _own_keys(workspace: Workspace) -> Iterator[SubjectChoice]:
    return map(_of_key, _keys(workspace).exclude(member=None))


def _keys(workspace: Workspace) -> QuerySet[ApiKey]:
    keys = ApiKey.objects.filter(workspace=workspace).select_related("member")
    return keys.order_by("provider_code", "pk")


def _of_group(group: Group) -> Iterator[SubjectChoice]:
    yield SubjectChoice(f"group:{group.code}", f"{group.name} together", "Group", {"group": group})
    yield SubjectChoice(
        f"group-each:{group.code}",
        f"Each member of {group.name}",
        "Group",
        {"group": group, "counts_each": True},
    )


def _of_key(key: ApiKey) -> SubjectChoice:
    whose = "Key of a member" if key.member else "Key of the workspace"
    return SubjectChoice(f"key:{key.code}", key.short_name, whose, {"api_key": key})


def _coded(workspace: Workspace, kind: str, code: str) -> SubjectChoice | None:
    try:
        wanted = UUID(code)
    except ValueError:
        return None
    if kind == "key":
        key = ApiKey.objects.filter(workspace=workspace, code=wanted).select_related("member").first()
        return _of_key(key) if key else None
    group = Group.objects.filter(workspace=workspace, code=wanted).first()
    together, each = _of_group(group) if group else (None, None)
    return each if kind == "group-each" else together


def _members(workspace: Workspace) -> QuerySet[User]:
    return User.objects.filter(memberships__workspace=workspace)


def _people(workspace: Workspace) -> Iterator[SubjectChoice]:
    members = sorted(_members(workspace), key=lambda user: (user.display_name.casefold(), user.pk))
    return map(_person, members)


def _groups(workspace: Workspace) -> QuerySet[Group]:
    return Group.objects.filter(workspace=workspace).order_by("name_key")


def _person(user: User) -> SubjectChoice:
    return SubjectChoice(str(user.pk), user.display_name, user.email, {"member": user})
