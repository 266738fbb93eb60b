from __future__ import annotations

from typing import Any, ClassVar, NoReturn

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.timezone import now

from accounts.models.limit import LimitWindow
from accounts.models.workspace import Workspace


class Hold(models.Model):
    """The reservation of a run until it ends. ``run_code`` refers to a run, a model of another app."""

    class State(models.TextChoices):
        OPEN = "open"
        SETTLED = "settled"
        RELEASED = "released"

    run_code = models.UUIDField(unique=True)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="holds")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)
    credits = models.PositiveBigIntegerField()
    tokens = models.PositiveBigIntegerField()
    input_tokens = models.PositiveBigIntegerField(default=0, db_default=0)
    output_tokens = models.PositiveBigIntegerField(default=0, db_default=0)
    requests = models.PositiveBigIntegerField(default=1)
    # The run goes there, with the API key of this code; empty for none.
    provider_code = models.CharField(max_length=80, default="", db_default="")
    model_id = models.CharField(max_length=200, default="", db_default="")
    key_code = models.CharField(max_length=36, default="", db_default="")
    created_at = models.DateTimeField(default=now, editable=False)
    closed_at = models.DateTimeField(null=True, blank=True)

    windows = models.ManyToManyField(LimitWindow, through="HoldPart")

    class Meta:
        indexes: ClassVar = [
            models.Index(
                fields=["workspace", "created_at"], condition=Q(state="open"), name="open_holds_by_time"
            ),
        ]

    def __str__(self) -> str:
        return f"hold of run {self.run_code}: {self.state}"


class HoldPart(models.Model):
    """The amount that a hold reserves in one window."""

    hold = models.ForeignKey(Hold, on_delete=models.CASCADE, related_name="parts")
    window = models.ForeignKey(LimitWindow, on_delete=models.CASCADE, related_name="parts")
    amount = models.PositiveBigIntegerField()

    def __str__(self) -> str:
        return f"{self.amount} of {self.window_id}"


class LedgerEntryQuerySet(models.QuerySet["LedgerEntry"]):
    def update(self, **_: Any) -> NoReturn:
        raise TypeError("The ledger is append-only.")

    def delete(self) -> NoReturn:
        raise TypeError("The ledger is append-only.")


class LedgerEntry(models.Model):
    """The cost of a finished run, or a correction of it. ``accounts.ledger`` writes it; it never changes.

    The amounts of a correction are differences, which may be negative.
    """

    class Source(models.TextChoices):
        REPORTED = "reported", "as the upstream reported"
        PRICED = "priced", "tokens times price"
        ESTIMATED = "estimated", "tokens times an assumed price, or tokens that were counted here"
        CORRECTION = "correction", "a correction"

    class Purpose(models.TextChoices):
        TITLE = "title", "Title"
        # An answer of an experiment, and the judgement of one.
        CASE = "case", "Test case"
        JUDGE = "judge", "Judge"
        # A request with one of the workspace's keys that was not sent from here.
        OUTSIDE = "outside", "Not asked here"

    run_code = models.UUIDField()
    # 0 is the run's own entry; its corrections count on.
    number = models.PositiveSmallIntegerField(default=0, db_default=0)
    # An entry outlasts its user, and a workspace with entries cannot be deleted: sums must stay correct.
    workspace = models.ForeignKey(Workspace, on_delete=models.PROTECT, related_name="ledger")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    provider_code = models.CharField(max_length=80)
    model_id = models.CharField(max_length=200)
    # The code of the API key; empty for none, and for runs from before it was noted.
    key_code = models.CharField(max_length=36, default="", db_default="")
    credits = models.BigIntegerField()
    usd = models.DecimalField(max_digits=16, decimal_places=9, null=True)
    tokens = models.BigIntegerField()
    input_tokens = models.BigIntegerField(default=0)
    output_tokens = models.BigIntegerField(default=0)
    requests = models.BigIntegerField(default=1)
    source = models.CharField(max_length=10, choices=Source.choices)
    # The prices and counts behind the cost: see accounts.prices.Basis. None for entries of earlier versions.
    basis = models.JSONField(null=True, blank=True)
    # Empty for an answer to a prompt.
    purpose = models.CharField(max_length=10, choices=Purpose.choices, blank=True, default="", db_default="")
    # The provider's id of the request, by which it lists what it charged.
    inference_id = models.CharField(max_length=128, blank=True, default="", db_default="")
    # Why an admin corrected the run, and who it was.
    reason = models.CharField(max_length=300, blank=True, default="", db_default="")
    corrected_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+", db_index=False
    )
    # The moment at which the run was held decides in which period it counts.
    held_at = models.DateTimeField(editable=False)
    created_at = models.DateTimeField(default=now, editable=False)

    objects: ClassVar[models.Manager[LedgerEntry]] = models.Manager.from_queryset(LedgerEntryQuerySet)()

    class Meta:
        verbose_name_plural = "ledger entries"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["run_code", "number"], name="one_entry_each"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["workspace", "held_at"], name="ledger_by_time"),
            models.Index(
                fields=["inference_id"], condition=~Q(inference_id=""), name="ledger_by_inference_id"
            ),
            models.Index(fields=["workspace", "user", "held_at"], name="ledger_by_user_and_time"),
        ]

    def __str__(self) -> str:
        return f"{self.credits} credits for run {self.run_code}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise TypeError("The ledger is append-only.")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise TypeError("The ledger is append-only.")
