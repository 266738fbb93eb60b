from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models

from accounts.models.workspace import Workspace


class DaySum(models.Model):
    """The sum of a member's ledger entries of one day (UTC), one model and one API key.

    Usage adds up thousands of these instead of millions of entries. ``accounts.ledger`` keeps them together
    with the entries, and its audit compares them. People whose account was deleted may have several a day.
    """

    # The unique constraint begins with the workspace, and the index with the user.
    workspace = models.ForeignKey(Workspace, on_delete=models.PROTECT, related_name="+", db_index=False)
    day = models.DateField()
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+", db_index=False
    )
    provider_code = models.CharField(max_length=80)
    model_id = models.CharField(max_length=200)
    key_code = models.CharField(max_length=36, default="", db_default="")
    credits = models.BigIntegerField()
    # The credits of those entries whose cost in dollars was not reported, and the others' reported cost in
    # billionths of a dollar. Sums of whole numbers are exact in any database.
    credits_without_usd = models.BigIntegerField()
    usd_nanos = models.BigIntegerField()
    tokens = models.BigIntegerField()
    input_tokens = models.BigIntegerField(default=0, db_default=0)
    output_tokens = models.BigIntegerField(default=0, db_default=0)
    requests = models.BigIntegerField()
    runs = models.BigIntegerField()
    # The number of runs whose cost is an estimate, without those that were corrected.
    estimates = models.BigIntegerField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["workspace", "day", "provider_code", "model_id", "user", "key_code"],
                name="one_day_sum_each",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["user", "workspace", "day"], name="day_sums_by_user"),
            # SQLite adds up people day by day in the order of this one, without sorting.
            models.Index(fields=["workspace", "day", "user"], name="day_sums_by_day_and_user"),
        ]

    def __str__(self) -> str:
        return f"{self.credits} credits on {self.day:%Y-%m-%d} with {self.model_id}"
