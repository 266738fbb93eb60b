from __future__ import annotations

import pytest
from django.db import connection, connections

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _on_sqlite():
    if connection.vendor != "sqlite":
        pytest.skip("PostgreSQL's driver takes statements as they are")


@pytest.mark.parametrize(
    ("statement", "values", "found"),
    [
        ("SELECT %s, %s", [1, "two"], (1, "two")),
        ("SELECT '%%s', %s", ["x"], ("%s", "x")),
        ("SELECT '100 %%', %s LIKE 'a%%'", ["abc"], ("100 %", 1)),
        ("SELECT %(name)s, %(name)s", {"name": 5}, (5, 5)),
        ("SELECT '%s'", None, ("%s",)),
    ],
)
def test_values_have_their_places_each_time(statement, values, found):
    for _ in range(2):
        with connections["default"].cursor() as cursor:
            cursor.execute(statement, values)
            assert cursor.fetchone() == found


def test_many_rows_are_written_with_one_statement():
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMPORARY TABLE pairs (first, second)")
        cursor.executemany("INSERT INTO pairs VALUES (%s, %s)", [(1, "%s"), (2, "%%")])
        cursor.execute("SELECT * FROM pairs ORDER BY first")
        assert cursor.fetchall() == [(1, "%s"), (2, "%%")]
