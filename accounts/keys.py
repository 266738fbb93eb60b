"""Provider keys: checked, sealed, found and, for the HTTP call alone, opened.

No other module seals or opens a key.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db.models import BigIntegerField, CharField, Exists, OuterRef, Q, Subquery, UUIDField
from django.utils.timezone import now
from django.views.decorators.debug import sensitive_variables

from accounts.exceptions import KeyMalformed, VaultError
from accounts.models import ApiKey, Membership, Role
from accounts.models.limit import is_like
from accounts.permissions import roles_above
from accounts.prepared import prepared
from accounts.vault import Place, Vault, read_ring

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.db.models import QuerySet

    from accounts.models import User, Workspace

_LONGEST = 1000
# No member has this key.
_NOBODY = -1
# The last four characters of a shorter key would reveal too much of it.
_SHOW_LAST4_FROM = 16
# Uses of a key are noted so often at most, and not with every prompt.
_NOTED_EVERY = timedelta(minutes=1)


def vault() -> Vault:
    """Return the vault of this installation.

    :raises KeyRingError: VAULT_KEYS cannot be used.
    """
    return _vault(settings.VAULT_KEYS)


@lru_cache(maxsize=1)
def _vault(ring: str) -> Vault:
    return read_ring(ring)


@sensitive_variables()
def clean_secret(text: str) -> str:
    """Strip a pasted key and refuse what an ``Authorization`` header cannot carry.

    :raises KeyMalformed: the key is empty, too long, or has characters that a header cannot carry.
    """
    secret = text.strip()
    if not secret:
        raise KeyMalformed("Paste the key.")
    if len(secret) > _LONGEST:
        raise KeyMalformed(f"A key has at most {_LONGEST} characters.")
    if not all("!" <= character <= "~" for character in secret):
        raise KeyMalformed("A key cannot contain spaces, line breaks or letters beyond ASCII.")
    return secret


@sensitive_variables()
def seal(key: ApiKey, secret: str) -> None:
    """Put the encrypted secret into the row, with the characters that pages show of it. Does not save."""
    key.token = vault().seal(secret, place_of(key))
    key.last4 = secret[-4:] if len(secret) >= _SHOW_LAST4_FROM else ""


def resolve(workspace: Workspace, user: User | None, provider_code: str, model_id: str = "") -> ApiKey | None:
    """Find the key for a run of ``user`` with a model: see :func:`choose`.

    Without a model, those for some models alone count too; without a user, those for everybody.
    """
    found = _keys_for(
        workspace=workspace.pk, member=user.pk if user else _NOBODY, provider_code=provider_code
    )
    return choose(found, model_id, is_for_member=user is not None)


def choose(found: Iterable[ApiKey], model_id: str, *, is_for_member: bool = True) -> ApiKey | None:
    """Return the first key that fits; see :func:`fitting` for their order."""
    return next(iter(fitting(found, model_id, is_for_member=is_for_member)), None)


def fitting(found: Iterable[ApiKey], model_id: str, *, is_for_member: bool = True) -> list[ApiKey]:
    """Return the keys that a member may use for a model, the one to use first.

    The one that they chose comes first, then their own, then those of the workspace: for them by name, for
    a group of theirs, for roles, for everybody. Of these, one for some models comes before one for all, and
    an older one before a newer one.

    :param found: keys of a provider with the attributes of :func:`_for_member`.
    """
    kept = [key for key in found if _fits(key, model_id, is_for_member=is_for_member)]
    return sorted(kept, key=_precedence)


def _fits(key: ApiKey, model_id: str, *, is_for_member: bool) -> bool:
    if not key.is_enabled or key.has_expired or key.is_lost:
        return False
    if model_id and key.model_patterns and not any(is_like(model_id, each) for each in key.model_patterns):
        return False
    asker = vars(key)
    if key.member_id is not None or asker["is_named"] or asker["is_of_group"]:
        return True
    if not is_for_member:
        return key.lowest_role == Role.VIEWER
    role = asker["asker_role"]
    return bool(key.lowest_role and role) and key.lowest_role not in roles_above(role)


def _precedence(key: ApiKey) -> tuple[Any, ...]:
    asker = vars(key)
    places = (asker["is_named"], asker["is_of_group"], key.lowest_role != Role.VIEWER, True)
    whose = -1 if key.member_id is not None else places.index(True)
    return not asker["is_preferred"], whose, not key.model_patterns, key.created_at, key.pk


def _links(relation: Any) -> QuerySet[Any]:
    """Select the rows that link a key of the outer query to groups or members."""
    links: QuerySet[Any] = relation.through._default_manager.filter(apikey=OuterRef("pk"))
    return links


def _for_member(workspace: Any, member: Any) -> QuerySet[ApiKey]:
    """Select a member's own keys and the shared ones, with what they are to the member."""
    mine = Membership.objects.filter(workspace_id=workspace, user_id=member)
    people, groups, preferred = (_links(each) for each in (ApiKey.people, ApiKey.groups, ApiKey.preferred_by))
    return (
        ApiKey.objects.filter(Q(member_id=member) | Q(member__isnull=True), workspace_id=workspace)
        .annotate(asker_role=Subquery(mine.values("role")[:1]))
        .annotate(is_named=Exists(people.filter(membership__user=member)))
        .annotate(is_of_group=Exists(groups.filter(group__members__user=member)))
        .annotate(is_preferred=Exists(preferred.filter(membership__user=member)))
    )


@prepared(workspace=BigIntegerField(), member=BigIntegerField(), provider_code=CharField())
def _keys_for(workspace: Any, member: Any, provider_code: Any) -> QuerySet[ApiKey]:
    return _for_member(workspace, member).filter(provider_code=provider_code)


@prepared(workspace=BigIntegerField(), member=BigIntegerField())
def _all_keys_for(workspace: Any, member: Any) -> QuerySet[ApiKey]:
    return _for_member(workspace, member)


@dataclass(frozen=True, slots=True)
class UsableKeys:
    """The keys of all providers that a member may use."""

    _by_provider: dict[str, list[ApiKey]]

    def fitting(self, provider_code: str, model_id: str) -> list[ApiKey]:
        """Return those for a model, the one to use first."""
        return fitting(self._by_provider.get(provider_code, ()), model_id)

    def has(self, provider_code: str, model_id: str = "") -> bool:
        """Tell whether there is one for a model, or for any model of the provider."""
        return bool(self.fitting(provider_code, model_id))

    def all(self) -> list[ApiKey]:
        return [key for code in self._by_provider for key in self.fitting(code, "")]

    @property
    def providers(self) -> set[str]:
        """The codes of the providers with a key for at least one model."""
        return {code for code in self._by_provider if self.has(code)}


def usable_keys(workspace: Workspace, user: User) -> UsableKeys:
    """Return the keys among which :func:`resolve` chooses."""
    found: dict[str, list[ApiKey]] = {}
    for key in _all_keys_for(workspace=workspace.pk, member=user.pk):
        found.setdefault(key.provider_code, []).append(key)
    return UsableKeys(found)


def find(code: str) -> ApiKey | None:
    """Return the key that :func:`resolve` found when a run was opened.

    None if it was deleted or disabled since.
    """
    return next(iter(_key_of(code=code)), None)


@prepared(code=UUIDField())
def _key_of(code: Any) -> QuerySet[ApiKey]:
    return ApiKey.objects.filter(code=code, is_enabled=True)


@sensitive_variables()
def reveal(api_key: ApiKey) -> str:
    """Decrypt a stored key, or read one that is not stored. Runs no query, so an event loop may call it.

    :raises VaultError: the key cannot be decrypted or read; the stored token must never be sent instead.
    """
    if api_key.is_from_environment:
        return from_environment(api_key.provider_code)
    return vault().open(api_key.token, place_of(api_key))


@sensitive_variables()
def from_environment(provider_code: str) -> str:
    """Read the key that PROVIDER_KEYS has for a provider.

    :raises VaultError: it has none, it cannot be read, or a header cannot carry it.
    """
    source = settings.PROVIDER_KEYS.get(provider_code)
    if source is None:
        raise VaultError(f"PROVIDER_KEYS has no key for {provider_code}.")
    try:
        return clean_secret(source.read())
    except KeyMalformed as error:
        raise VaultError(error.text) from None


def mark_used(api_key: ApiKey) -> None:
    """Note the use of a key that was just read, unless one was noted a short while ago."""
    moment = now()
    if api_key.last_used_at is None or moment - api_key.last_used_at >= _NOTED_EVERY:
        ApiKey.objects.filter(pk=api_key.pk).update(last_used_at=moment)


def place_of(key: ApiKey) -> Place:
    """Return the place that the secret of a key is bound to."""
    owner = f"{key.workspace_id}/{key.member_id or 'workspace'}"
    return Place(table="api_key", row=str(key.code), owner=f"{owner}/{key.provider_code}", field="token")
