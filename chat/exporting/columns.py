"""The columns of a comparison in one file: conversations, one after the other."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from chat.models import Conversation

    Write = Callable[[Conversation], Iterator[str]]


def columns_in(entry: Conversation, write: Write, between: str = "") -> Iterator[str]:
    """Yield the pieces of every column of a comparison, each with its number and its model in its title.

    :param between: the text between two columns; with a comma, they become the elements of a JSON list.
    """
    columns = entry.columns.select_related("workspace", "system_prompt", "model__provider")
    is_list = between.startswith(",")
    before = "[" if is_list else ""
    for number, column in enumerate(columns.order_by("column_place", "pk"), 1):
        # The columns have the title of their comparison. It is not saved.
        name = f"{number}: {column.model.name}" if column.model else str(number)
        column.title = f"{entry.title} ({name})"
        yield before
        yield from write(column)
        before = between
    if is_list:
        yield "]\n"
