from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import transaction

if TYPE_CHECKING:
    from django.db.models import QuerySet

# Rows of one transaction.
PORTION = 200


def delete_in_portions(rows: QuerySet[Any]) -> None:
    """Delete rows with all that depends on them, so that no other writer waits for long.

    The newest come first: the answers to a message would be deleted with it, all in one transaction.
    """
    while keys := list(rows.order_by("-pk").values_list("pk", flat=True)[:PORTION]):
        with transaction.atomic():
            rows.model._base_manager.filter(pk__in=keys).delete()
