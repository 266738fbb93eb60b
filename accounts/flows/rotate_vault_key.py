"""The rotation of the vault's key: every stored secret is sealed again with the first key of the ring.

A secret is replaced only if it is still the one that was read, so people may save keys meanwhile. A portion
that is done stays done: a rotation that was killed goes on where it stopped.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from allauth.mfa.models import Authenticator
from django.db import transaction
from django.views.decorators.debug import sensitive_variables

from accounts import keys
from accounts.exceptions import VaultError
from accounts.factor_secrets import place_of_secrets
from accounts.models import ApiKey
from accounts.vault import key_id_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from django.db.models import Model, QuerySet

    from accounts.vault import Place

# The secrets that are sealed in one transaction.
PORTION = 100


@dataclass(frozen=True, slots=True)
class SealedColumn:
    """A column of the database whose values the vault has sealed, each for the place of its row."""

    label: str
    model: type[Model]
    name: str
    place_of: Callable[[Any], Place]

    def rows(self) -> QuerySet[Any]:
        """Return the rows with a secret."""
        rows: QuerySet[Any] = self.model._default_manager.all()
        return rows.exclude(**{self.name: ""})

    def tokens(self) -> Iterator[str]:
        return self.rows().values_list(self.name, flat=True).iterator()

    def token_of(self, row: Any) -> str:
        return str(getattr(row, self.name))

    def replace(self, row: Any, token: str, sealed: str) -> None:
        """Store a sealed secret in place of ``token``, unless it was replaced meanwhile."""
        self.rows().filter(pk=row.pk, **{self.name: token}).update(**{self.name: sealed})


@dataclass(frozen=True, slots=True)
class SealedEntry(SealedColumn):
    """An entry of the JSON objects in a column."""

    entry: str

    def rows(self) -> QuerySet[Any]:
        rows: QuerySet[Any] = self.model._default_manager.all()
        return rows.filter(**{f"{self.name}__has_key": self.entry})

    def tokens(self) -> Iterator[str]:
        return self.rows().values_list(f"{self.name}__{self.entry}", flat=True).iterator()

    def token_of(self, row: Any) -> str:
        return str(getattr(row, self.name)[self.entry])

    def replace(self, row: Any, token: str, sealed: str) -> None:
        # The object has other entries, which may have changed since the row was read.
        for found in self.rows().select_for_update().filter(pk=row.pk):
            if self.token_of(found) == token:
                getattr(found, self.name)[self.entry] = sealed
                found.save(update_fields=[self.name])


# Every column that the vault seals. A test compares the list with the modules that call the vault.
SEALED = (
    SealedColumn("API keys", ApiKey, "token", keys.place_of),
    SealedEntry("Authenticator apps", Authenticator, "data", place_of_secrets, "secret"),
    SealedEntry("Recovery codes", Authenticator, "data", place_of_secrets, "seed"),
)


@dataclass(frozen=True, slots=True)
class RotationStep:
    """The state of a rotation after a portion. ``unreadable`` has the keys of rows that stay as they are."""

    column: SealedColumn
    done: int
    total: int
    unreadable: tuple[int, ...] = ()


def secrets_by_key() -> Counter[str]:
    """Count the stored secrets by the id of the key that sealed them; what is no token has an empty id."""
    found: Counter[str] = Counter()
    for column in SEALED:
        # Databases compare texts in different ways, and ids differ in the case of a letter.
        found.update(map(key_id_of, column.tokens()))
    return found


def rotate_vault_key() -> Iterator[RotationStep]:
    """Seal every secret with the first key of the ring; yield after each portion."""
    for column in SEALED:
        total, done, last = column.rows().count(), 0, 0
        while pks := list(
            column.rows().filter(pk__gt=last).order_by("pk").values_list("pk", flat=True)[:PORTION]
        ):
            unreadable = _seal_again(column, pks)
            done, last = done + len(pks), pks[-1]
            yield RotationStep(column, done, max(total, done), tuple(unreadable))


@sensitive_variables()
@transaction.atomic
def _seal_again(column: SealedColumn, pks: list[int]) -> list[int]:
    """Seal the secrets of these rows; return the keys of rows that cannot be decrypted."""
    vault, unreadable = keys.vault(), []
    for row in column.rows().filter(pk__in=pks).order_by("pk"):
        token = column.token_of(row)
        if key_id_of(token) == vault.current_key_id:
            continue
        place = column.place_of(row)
        try:
            sealed = vault.seal(vault.open(token, place), place)
        except VaultError:
            unreadable.append(row.pk)
            continue
        column.replace(row, token, sealed)
    return unreadable
