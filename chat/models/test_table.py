"""Test tables: rows of values that prompts are run over, and the checks of the answers."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.timezone import now

from accounts.models import Workspace
from chat.evaluation.check_kinds import CheckSetting
from chat.models.deletable import Deletable, KeptRows
from chat.models.folded import FoldedField, words_of_case, words_of_table
from chat.models.item import SEEN_BY_ALL, LibraryItem


class TableOfCases(Deletable, LibraryItem):
    """A test table of a workspace."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="test_tables")
    name = models.CharField(max_length=120)
    folded_name = FoldedField(of=words_of_table)
    # The names of the variables, in order. Values of a column that was removed stay in the cases.
    columns = models.JSONField(default=list, blank=True)
    # Each is a chat.evaluation.check_kinds.CheckSetting.
    checks = models.JSONField(default=list, blank=True)
    # The number of cases, and the highest number that a case has had.
    size = models.PositiveIntegerField(default=0)
    last_number = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(default=now, editable=False)
    updated_at = models.DateTimeField(default=now, editable=False)

    noun = "test table"
    objects = KeptRows["TableOfCases"]()
    with_deleted = models.Manager["TableOfCases"]()

    class Meta:
        ordering: ClassVar = ["name"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["workspace", "name"],
                condition=Q(deleted_at=None) & SEEN_BY_ALL,
                name="one_test_table_of_a_name",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def check_settings(self) -> list[CheckSetting]:
        return [CheckSetting.of(stored) for stored in self.checks]


class TableCase(models.Model):
    """A row of a test table. Its number never changes, so that results of two days can be compared."""

    table = models.ForeignKey(TableOfCases, on_delete=models.CASCADE, related_name="cases")
    number = models.PositiveIntegerField()
    # Texts by the name of their variable, without empty ones.
    values = models.JSONField(default=dict, blank=True)
    folded = FoldedField(of=words_of_case)

    class Meta:
        ordering: ClassVar = ["number"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["table", "number"], name="one_case_of_a_number"),
        ]

    def __str__(self) -> str:
        return f"case {self.number}"


class DeletedCase(models.Model):
    """A deleted case. The rows of cases are many and read in order, so deleted ones are kept apart."""

    table = models.ForeignKey(TableOfCases, on_delete=models.CASCADE, related_name="deleted_cases")
    number = models.PositiveIntegerField()
    values = models.JSONField(default=dict, blank=True)
    deleted_at = models.DateTimeField(default=now, editable=False)

    class Meta:
        ordering: ClassVar = ["-deleted_at", "-pk"]

    def __str__(self) -> str:
        return f"case {self.number}"
