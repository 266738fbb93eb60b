"""Provider keys: checked, sealed, found and, for the HTTP call alone, opened.

No other module seals or opens a key.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db.models import BigIntegerField, CharField, Q
from django.utils.timezone import now
from django.views.decorators.debug import sensitive_variables

from accounts.exceptions import KeyMalformed
from accounts.models import ApiKey
from accounts.prepared import prepared
from accounts.vault import Place, Vault, read_ring

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from accounts.models import User, Workspace

_LONGEST = 1000
# No member has this key.
_NOBODY = -1
# The last four characters of a shorter key would reveal too much of it.
_SHOW_LAST4_FROM = 16


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
    key.token = vault().seal(secret, _place(key))
    key.last4 = secret[-4:] if len(secret) >= _SHOW_LAST4_FROM else ""


def resolve(workspace: Workspace, user: User | None, provider_code: str) -> ApiKey | None:
    """Find the key for a run of ``user``: their own, else the workspace's."""
    found = _keys_for(
        workspace=workspace.pk, member=user.pk if user else _NOBODY, provider_code=provider_code
    )
    return next((key for key in found if key.member_id is not None), next(iter(found), None))


@prepared(workspace=BigIntegerField(), member=BigIntegerField(), provider_code=CharField())
def _keys_for(workspace: Any, member: Any, provider_code: Any) -> QuerySet[ApiKey]:
    keys = ApiKey.objects.filter(workspace_id=workspace, provider_code=provider_code)
    return keys.filter(Q(member_id=member) | Q(member__isnull=True)).order_by("pk")


def providers_with_key(workspace: Workspace, user: User) -> set[str]:
    """Return the codes of the providers that :func:`resolve` finds a key for."""
    keys = ApiKey.objects.filter(workspace=workspace)
    return set(keys.filter(Q(member=user) | Q(member__isnull=True)).values_list("provider_code", flat=True))


@sensitive_variables()
def reveal(api_key: ApiKey) -> str:
    """Decrypt a stored key. Runs no query, so an event loop may call it.

    :raises VaultError: the key cannot be decrypted; the stored token must never be sent instead.
    """
    return vault().open(api_key.token, _place(api_key))


def mark_used(api_key: ApiKey) -> None:
    ApiKey.objects.filter(pk=api_key.pk).update(last_used_at=now())


def _place(key: ApiKey) -> Place:
    owner = f"{key.workspace_id}/{key.member_id or 'workspace'}"
    return Place(table="api_key", row=str(key.code), owner=f"{owner}/{key.provider_code}", field="token")
