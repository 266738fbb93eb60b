"""Rows that a test with real transactions leaves behind are deleted, which is quicker than a flush."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import connections, transaction

if TYPE_CHECKING:
    from django.test import TransactionTestCase


def empty_tables(case: TransactionTestCase) -> None:
    """Delete all rows, in place of ``TransactionTestCase._fixture_teardown``.

    A flush truncates and then makes the rows of permissions and content types again, which nothing here
    uses: 3 s on PostgreSQL and 0.13 s on SQLite, where this takes 0.01 s.
    """
    connection = connections["default"]
    tables = connection.introspection.django_table_names(only_existing=True, include_views=False)
    # Foreign keys are checked at the end of the transaction, so any order will do.
    with transaction.atomic(), connection.cursor() as cursor:
        for table in tables:
            cursor.execute(f"DELETE FROM {connection.ops.quote_name(table)}")
