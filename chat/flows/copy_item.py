from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from django.db import connection, transaction

from chat.exceptions import ItemGone
from chat.flows.save_library_entry import EntryFields, add_library_entry
from chat.flows.save_prompt import PromptFields, add_prompt
from chat.flows.save_test_table import add_test_table
from chat.models import Access, LibraryEntry, LibraryItem, Prompt, TableCase, TableOfCases, Tool
from chat.titles import name_of_copy

if TYPE_CHECKING:
    from accounts.models import User


@transaction.atomic
def copy_item(item: LibraryItem, user: User) -> LibraryItem:
    """Copy an item of the library into one of the user's own, which nobody else sees.

    A prompt is copied as its newest version, a test table with its cases and checks but without results.

    :raises ItemGone: it was deleted meanwhile.
    """
    if isinstance(item, Prompt):
        return _copy_prompt(item, user)
    if isinstance(item, TableOfCases):
        return _copy_table(item, user)
    return _copy_entry(cast("LibraryEntry", item), user)


def _copy_prompt(prompt: Prompt, user: User) -> Prompt:
    newest = prompt.versions.filter(number=prompt.version).first()
    if newest is None:
        raise ItemGone
    note = f"Copied from {prompt}, version {newest.number}"[:200]
    saved = PromptFields(_named(prompt), prompt.description, newest.read(), note)
    return add_prompt(prompt.workspace, saved, actor=user, access=Access.NONE)


def _copy_entry(entry: LibraryEntry, user: User) -> LibraryEntry:
    # A model knows it by its name, which has no spaces.
    fields = EntryFields(
        _named(entry, "_copy"),
        entry.description,
        entry.schema,
        entry.is_strict,
        entry.result_schema if isinstance(entry, Tool) else "",
        tuple(entry.examples) if isinstance(entry, Tool) else (),
    )
    return add_library_entry(type(entry), entry.workspace, fields, actor=user, access=Access.NONE)


def _copy_table(table: TableOfCases, user: User) -> TableOfCases:
    # The lock keeps its cases from changing meanwhile.
    source = TableOfCases.objects.select_for_update(of=("self",)).filter(pk=table.pk).first()
    if source is None:
        raise ItemGone
    copy = add_test_table(source.workspace, _named(source), source.columns, actor=user, access=Access.NONE)
    copy.checks, copy.size, copy.last_number = source.checks, source.size, source.last_number
    copy.save(update_fields=["checks", "size", "last_number"])
    _copy_cases(source, copy)
    return copy


def _copy_cases(source: TableOfCases, copy: TableOfCases) -> None:
    # The database copies the rows: made in Python, many cases would keep it locked for seconds.
    fields = [field for field in TableCase._meta.concrete_fields if field.name not in {"id", "table"}]
    columns = ", ".join(connection.ops.quote_name(field.attname) for field in fields)
    cases = connection.ops.quote_name(TableCase._meta.db_table)
    rows = f"INSERT INTO {cases} (table_id, {columns}) SELECT %s, {columns} FROM {cases} WHERE table_id = %s"  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(rows, [copy.pk, source.pk])


def _named(item: LibraryItem, mark: str = " (copy)") -> str:
    kind: Any = type(item)
    return name_of_copy(str(item), mark, kind._meta.get_field("name").max_length)
