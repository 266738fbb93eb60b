"""Columns with texts as a search compares them. A row that is saved writes them; ``update`` does not."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from django.db import models

from accounts.folding import fold
from chat.folding import folded_message, folded_values

if TYPE_CHECKING:
    _Text = models.TextField[str, str]
else:
    _Text = models.TextField


class FoldedField(_Text):
    """The folded form of other columns. ``of`` makes it of the row that is saved."""

    def __init__(self, *args: Any, of: Callable[[Any], str], **options: Any) -> None:
        # The default of the database is for processes of the last version that still run.
        own: dict[str, Any] = {"blank": True, "default": "", "db_default": "", "editable": False}
        super().__init__(*args, **(own | options))
        self.of = of

    def deconstruct(self) -> Any:
        name, path, args, options = super().deconstruct()
        return name, path, args, {**options, "of": self.of}

    def pre_save(self, model_instance: models.Model, add: bool) -> str:
        folded = self.of(model_instance)
        setattr(model_instance, self.attname, folded)
        return folded


def words_of_title(conversation: Any) -> str:
    return fold(conversation.title)


def words_of_message(message: Any) -> str:
    return folded_message(message.text, message.data)


def words_of_table(table: Any) -> str:
    return fold(table.name)


def words_of_case(case: Any) -> str:
    return folded_values(case.values)
