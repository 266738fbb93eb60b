"""The places of what comes from an archive in this installation: keys, names, people and the catalogue."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import connection
from django.db.models import Max

from accounts.models import User
from chat.archive.tables import CATALOGUE
from playground.models import Endpoint, Provider, UpstreamModel

if TYPE_CHECKING:
    from django.db.models import Model

# The words for entries of the catalogue in an archive.
KINDS: dict[str, type[Model]] = dict(zip(("provider", "model", "endpoint"), CATALOGUE, strict=True))


def free_value(model: type[Model], column: str, wanted: str) -> str:
    """Return a value that no row has: the wanted one, or that with a number."""
    found = set(
        model._base_manager.filter(**{f"{column}__startswith": wanted}).values_list(column, flat=True)
    )
    return next(
        each for each in (wanted, *(f"{wanted}-{number}" for number in range(2, 10_000))) if each not in found
    )


def reserved_keys(model: type[Model], number: int) -> int:
    """Return the first of as many keys of a table, which no other row will get."""
    table = model._meta.db_table
    name = connection.ops.quote_name(table)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            # No other row takes a key meanwhile.
            cursor.execute(f"LOCK TABLE {name} IN SHARE ROW EXCLUSIVE MODE")
        last = model._base_manager.aggregate(last=Max("pk"))["last"] or 0
        if connection.vendor == "postgresql":
            cursor.execute("SELECT nextval(pg_get_serial_sequence(%s, 'id'))", [table])
            first = max(int(cursor.fetchone()[0]), last + 1)
            sequence = "SELECT setval(pg_get_serial_sequence(%s, 'id'), %s)"
            cursor.execute(sequence, [table, first + number])
            return first
        cursor.execute("SELECT seq FROM sqlite_sequence WHERE name = %s", [table])
        row = cursor.fetchone()
        first = max(row[0] if row else 0, last) + 1
        if row is None:
            cursor.execute("INSERT INTO sqlite_sequence (name, seq) VALUES (%s, 0)", [table])
        cursor.execute("UPDATE sqlite_sequence SET seq = %s WHERE name = %s", [first + number, table])
        return first


def person_here(email: str, name: str, is_member: bool) -> int:
    """Return the key of the person with an address, who is made if there is none.

    Former members cannot sign in.
    """
    found = User.objects.filter(email__iexact=email).values_list("pk", flat=True).first()
    if found is not None:
        return int(found)
    user = User(email=email, name=name, is_active=is_member)
    user.set_unusable_password()
    user.save()
    return user.pk


def entries_here(catalogue: list[list[Any]]) -> dict[type[Model], dict[int, int]]:
    """Return the keys here of entries of the catalogue by those of the archive, as far as they are here."""
    codes = {row[2] for row in catalogue}
    here: dict[tuple[str, ...], int] = {}
    for pk, code in Provider.objects.filter(code__in=codes, workspace=None).values_list("pk", "code"):
        here["provider", code, "", ""] = pk
    models = UpstreamModel.objects.filter(provider__code__in=codes, provider__workspace=None)
    for pk, code, model_id in models.values_list("pk", "provider__code", "model_id"):
        here["model", code, model_id, ""] = pk
    endpoints = Endpoint.objects.filter(
        model__provider__code__in=codes, model__provider__workspace=None
    ).values_list("pk", "model__provider__code", "model__model_id", "kind")
    for pk, *names in endpoints:
        here["endpoint", *names] = pk
    found: dict[type[Model], dict[int, int]] = {model: {} for model in CATALOGUE}
    for kind, number, *names in catalogue:
        if (kind, *names) in here:
            found[KINDS[kind]][number] = here[kind, *names]
    return found
