"""All that a database has besides rows, in a form that can be compared."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from django.db.backends.base.base import BaseDatabaseWrapper

_POSTGRESQL = """
    SELECT 'column', table_name || '.' || column_name, concat_ws(' ', data_type, udt_name,
        character_maximum_length, numeric_precision, numeric_scale, is_nullable, column_default,
        identity_generation)
    FROM information_schema.columns WHERE table_schema = 'public'
    UNION ALL SELECT 'index', indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'
    UNION ALL SELECT 'constraint', conrelid::regclass || '.' || conname, pg_get_constraintdef(oid)
    FROM pg_constraint WHERE connamespace = 'public'::regnamespace
    UNION ALL SELECT 'trigger', tgrelid::regclass || '.' || tgname, pg_get_triggerdef(oid)
    FROM pg_trigger WHERE NOT tgisinternal
    UNION ALL SELECT 'sequence', sequencename, data_type::text FROM pg_sequences WHERE schemaname = 'public'
    UNION ALL SELECT 'function', proname, prosrc FROM pg_proc WHERE pronamespace = 'public'::regnamespace
    UNION ALL SELECT 'rule', rulename, definition FROM pg_rules WHERE schemaname = 'public'
    UNION ALL SELECT 'view', viewname, definition FROM pg_views WHERE schemaname = 'public'
"""


def schema_of(connection: BaseDatabaseWrapper) -> dict[tuple[str, str], object]:
    """Return tables, columns, constraints, indexes, triggers and the like by kind and name.

    The order of columns is left out: Django names all columns that it reads and writes.
    """
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(_POSTGRESQL)
            return {(kind, name): text for kind, name, text in cursor.fetchall()}
        cursor.execute("SELECT type, name, sql FROM sqlite_master")
        return {(kind, name): _parts(sql or "") for kind, name, sql in cursor.fetchall()}


def _parts(sql: str) -> list[str]:
    """Return the columns and constraints of a ``CREATE TABLE``, sorted; any other statement as it is."""
    if not (table := re.fullmatch(r"(CREATE TABLE .*?) ?\((.*)\)", sql, re.DOTALL)):
        return [sql]
    parts, depth = [""], 0
    for text in re.findall(r"'[^']*'|\"[^\"]*\"|[(),]|[^(),'\"]+", table[2]):
        depth += (text == "(") - (text == ")")
        if text == "," and not depth:
            parts.append("")
        else:
            parts[-1] += text
    return [table[1], *sorted(part.strip() for part in parts)]


def drop_tables(connection: BaseDatabaseWrapper) -> None:
    """Leave the database as it was before its first migration."""
    cascade = "CASCADE" if connection.vendor == "postgresql" else ""
    with connection.constraint_checks_disabled(), connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f"DROP TABLE {connection.ops.quote_name(table)} {cascade}")
