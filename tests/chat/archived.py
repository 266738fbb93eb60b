"""A workspace with rows in every table that an archive has, and what they say, whatever their keys are."""

from __future__ import annotations

import uuid
from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, models, transaction
from django.utils.timezone import now

from accounts.models import ApiKey, User, Workspace
from chat.archive.table import Table
from chat.archive.tables import CATALOGUE, PLACES, TABLES
from chat.models import Draft, Run
from playground.models import Endpoint, Provider, UpstreamModel

# The keys of rows by table.
Known = dict[type[models.Model], list[int]]

# Columns that no default suits.
_GIVEN: dict[str, dict[str, Any]] = {
    "accounts.LimitExemption": {"group_id": None},
    "accounts.Limit": {"unit": "tokens", "period": "day", "api_key_id": None, "batch": None},
    **{f"chat.{of}Share": {"group_id": None} for of in ("", "Prompt", "Tool", "Schema", "Table")},
    "chat.Conversation": {"column_of_id": None, "deleted_at": None, "is_temporary": False},
    **{f"chat.{of}": {"deleted_at": None} for of in ("Prompt", "TableOfCases", "Experiment")},
    "chat.Run": {"status": Run.Status.FINISHED},
    "chat.StoredFile": {"queued_id": None, "run_id": None},
    "playground.Provider": {"kind": "openai"},
}


def fill(workspace: Workspace, people: list[User]) -> None:
    """Make two rows in every archived table; they refer to rows of every table that they can refer to."""
    models_ = list(UpstreamModel.objects.filter(provider__code="demo").order_by("pk")[:2])
    endpoints = [model.endpoints.earliest("pk") for model in models_]
    # The first half of the references is to the installation's catalogue, the other to the workspace's own.
    known: Known = defaultdict(list)
    known |= {
        Workspace: [workspace.pk],
        User: [person.pk for person in people],
        Provider: [models_[0].provider_id],
        UpstreamModel: [models_[0].pk],
        Endpoint: [endpoints[0].pk],
    }
    for table in TABLES:
        if table.model is Workspace:
            continue
        for number in range(2):
            made = _row(table, number, known)
            try:
                with transaction.atomic():
                    table.model._base_manager.bulk_create([made])
            except IntegrityError:
                # Some tables have one row for each workspace.
                assert number
            else:
                known[table.model].append(made.pk)


def _row(table: Table, number: int, known: Known) -> Any:
    values: dict[str, Any] = {}
    for field in table.fields:
        target = table.references.get(field.attname)
        if target is None:
            values[field.attname] = _value(field, number)
        elif table.model in CATALOGUE and target in CATALOGUE:
            values[field.attname] = known[target][-1]
        else:
            # A reference to the table itself is to the row before.
            values[field.attname] = known[target][number % len(known[target])] if known[target] else None
    return table.model(**values | _GIVEN.get(table.label, {}))


def _value(field: Any, number: int) -> Any:
    kind = field.get_internal_type()
    text = f"{field.name[:3]} {number}"
    made: dict[str, Any] = {
        "UUIDField": uuid.uuid4(),
        "DateTimeField": now() + timedelta(minutes=number),
        "DateField": date(2026, 1, 1 + number),
        "DecimalField": Decimal(number + 1),
        "JSONField": {"a": [number, "ä", None]},
        "BinaryField": bytes([0, 1, 255, number]),
        "BooleanField": False,
        "FloatField": number + 0.5,
        "TextField": f"{text} with “quotes”\nand lines",
        "URLField": f"http://127.0.0.1:{9000 + number}/v1",
        "SlugField": f"own-{field.name}-{number}",
        "CharField": text[: field.max_length] if kind == "CharField" else "",
    }
    if kind in made:
        return made[kind]
    return number + 1


def told(workspace: Workspace) -> dict[str, list[dict[str, Any]]]:
    """Return all rows of a workspace, with places in place of keys, so that two workspaces compare."""
    keys = {
        table.model: list(rows_of(table, workspace).order_by("pk").values_list("pk", flat=True))
        for table in TABLES
    }
    places = {model: {key: place for place, key in enumerate(numbers)} for model, numbers in keys.items()}
    emails = dict(User.objects.values_list("pk", "email"))
    found: dict[str, list[dict[str, Any]]] = {}
    for table in TABLES:
        found[table.label] = []
        for row in rows_of(table, workspace).order_by("pk").values(*table.names):
            for name, target in table.references.items():
                if row[name] is None:
                    continue
                if target is User:
                    row[name] = emails[row[name]]
                elif target in PLACES and row[name] in places[target]:
                    row[name] = places[target][row[name]]
                else:
                    assert target in CATALOGUE
            found[table.label].append(
                {
                    name: bytes(value) if isinstance(value, memoryview) else value
                    for name, value in row.items()
                    # Retention counts from the import.
                    if name != "kept_since"
                }
            )
    return found


def rows_of(table: Table, workspace: Workspace) -> Any:
    return table.model._base_manager.filter(table.only, **{table.path: workspace.pk})


def wipe(workspace: Workspace) -> None:
    """Delete a workspace with all its rows, as if the installation had never had it."""
    with transaction.atomic():
        Draft.objects.filter(workspace=workspace).delete()
        ApiKey.objects.filter(workspace=workspace).delete()
        for table in reversed(TABLES):
            rows = table.model._base_manager.filter(**{table.path: workspace.pk})
            rows._raw_delete(rows.db)
    assert not Provider.objects.filter(workspace=workspace.pk).exists()
