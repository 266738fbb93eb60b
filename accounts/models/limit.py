from __future__ import annotations

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.timezone import now
from django.utils.translation import ngettext

from accounts import money
from accounts.models.api_key import ApiKey
from accounts.models.group import Group
from accounts.models.workspace import Role, Workspace


class Unit(models.TextChoices):
    """The units of limits. ``usd`` counts credits, and shows them as dollars.

    ``concurrent`` counts the runs that have not ended.
    """

    USD = "usd", "US dollars"
    CREDITS = "credits", "credits"
    TOKENS = "tokens", "tokens"
    INPUT_TOKENS = "input_tokens", "input tokens"
    OUTPUT_TOKENS = "output_tokens", "output tokens"
    REQUESTS = "requests", "requests"
    CONCURRENT = "concurrent", "requests at once"

    @classmethod
    def of(cls, count: int, unit: str) -> str:
        """Return the name of a unit in the number that ``count`` needs.

        >>> Unit.of(1, "requests"), Unit.of(0, "input_tokens"), Unit.of(1, "concurrent")
        ('request', 'input tokens', 'request at once')
        """
        many = str(cls(unit).label)
        one = many.replace("requests", "request").replace("tokens", "token").replace("credits", "credit")
        return ngettext(one, many, count)

    @property
    def column(self) -> str:
        """The column of holds and ledger entries that the unit adds up; empty for ``concurrent``."""
        return {Unit.USD: "credits", Unit.CONCURRENT: ""}.get(self, str(self.value))


class Period(models.TextChoices):
    MINUTE = "minute", "per minute"
    HOUR = "hour", "per hour"
    DAY = "day", "per day"
    WEEK = "week", "per week"
    MONTH = "month", "per month"
    EVER = "ever", "in total"


def usual_thresholds() -> list[int]:
    return [80, 100]


class Limit(models.Model):
    """At most ``amount`` units in each period of the workspace's time zone, for some people, models or a key.

    A limit of no member, group, role or key is for everybody. ``counts_each`` gives each of these people the
    amount for themselves; otherwise they share it.
    """

    code = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="limits")
    member = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True, blank=True, related_name="limits"
    )
    group = models.ForeignKey(Group, on_delete=models.CASCADE, null=True, blank=True, related_name="limits")
    role = models.CharField(max_length=10, choices=Role.choices, blank=True, default="", db_default="")
    api_key = models.ForeignKey(
        ApiKey, on_delete=models.CASCADE, null=True, blank=True, related_name="limits"
    )
    counts_each = models.BooleanField(default=False, db_default=False)
    # Code of the batch of runs that alone count, such as an experiment. No page of limits lists these.
    batch = models.UUIDField(null=True, blank=True, unique=True, editable=False)
    # Empty for every provider and every model. The pattern has * for any characters, as in "gpt-*".
    provider_code = models.CharField(max_length=80, blank=True, default="", db_default="")
    model_pattern = models.CharField(max_length=200, blank=True, default="", db_default="")
    unit = models.CharField(max_length=14, choices=Unit.choices)
    period = models.CharField(max_length=10, choices=Period.choices)
    amount = models.PositiveBigIntegerField()
    # A soft limit refuses nothing: people are told when it is passed.
    is_soft = models.BooleanField(default=False, db_default=False)
    # A prompt that comes too early is sent later instead of being refused: see can_let_wait().
    lets_wait = models.BooleanField(default=False, db_default=False)
    # Percents of the amount; people are told once in a period when so much is used.
    notify_at = models.JSONField(default=usual_thresholds, blank=True)
    # True once somebody was exempted. Runs from before count all the same.
    has_exempted = models.BooleanField(default=False, db_default=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    created_at = models.DateTimeField(default=now, editable=False)

    def __str__(self) -> str:
        return self.label

    @property
    def who(self) -> str:
        if self.batch is not None:
            return "An experiment"
        if self.member:
            return self.member.display_name
        if self.api_key:
            return f"Key {self.api_key.short_name}"
        if self.group:
            return f"Each member of {self.group}" if self.counts_each else f"{self.group} together"
        if self.role:
            # The members of a workspace also have the role of that name, or another one.
            name = Role(self.role).label.lower()
            return f"Each with the role {name}" if self.counts_each else f"All with the role {name} together"
        return "Each member" if self.counts_each else "All members together"

    @property
    def whose(self) -> str:
        """The beginning of a sentence about the limit to somebody whom it binds."""
        if self.batch is not None:
            return "The experiment's"
        if self.is_personal:
            return "Your"
        if self.api_key_id is not None:
            return "The API key's"
        return "Your group's" if self.group_id is not None or self.role else "The workspace's"

    @property
    def is_personal(self) -> bool:
        """Whether the amount is one person's own."""
        return self.member_id is not None or self.counts_each

    @property
    def label(self) -> str:
        """The limit in words: "$0.00025 (500 credits) per day for gpt-*"."""
        period = "" if self.unit == Unit.CONCURRENT else f" {self.get_period_display()}"
        return f"{money.in_words(self.amount, self.unit)}{period}{self.of_what}"

    @property
    def of_what(self) -> str:
        """The models, as they follow the amount: " for gpt-* at openai"; empty for every model."""
        models_ = f" for {self.model_pattern}" if self.model_pattern else ""
        return models_ + (f" at {self.provider_code}" if self.provider_code else "")

    @property
    def can_let_wait(self) -> bool:
        return can_let_wait(self.unit, self.period, is_soft=self.is_soft)

    def takes(self, model_id: str) -> bool:
        """Tell whether the limit counts runs of a model."""
        return not self.model_pattern or is_like(model_id, self.model_pattern)


def can_let_wait(unit: str, period: str, *, is_soft: bool) -> bool:
    """Tell whether prompts can wait for a limit: it refuses, and leaves more again within the hour.

    >>> can_let_wait("requests", "hour", is_soft=False), can_let_wait("requests", "day", is_soft=False)
    (True, False)
    >>> can_let_wait("concurrent", "ever", is_soft=False), can_let_wait("tokens", "minute", is_soft=True)
    (True, False)
    """
    return not is_soft and (unit == Unit.CONCURRENT or period in {Period.MINUTE, Period.HOUR})


def is_like(model_id: str, pattern: str) -> bool:
    """Tell whether a model's id fits a pattern, whatever the case of its letters.

    >>> is_like("openai/gpt-5", "openai/gpt-*"), is_like("Qwen/Qwen3-32B", "qwen*"), is_like("o1", "gpt-*")
    (True, True, False)
    >>> is_like("gpt-5-mini", "*-5*mini"), is_like("aba", "ab*ba"), is_like("o1", "o1"), is_like("o12", "o1")
    (True, False, True, False)
    """
    # A regular expression of many stars could take for ever.
    name, (first, *others) = model_id.casefold(), pattern.casefold().split("*")
    if not others:
        return name == first
    *middle, last = others
    if not name.startswith(first) or not name.endswith(last):
        return False
    at, end = len(first), len(name) - len(last)
    for part in middle:
        at = name.find(part, at, end)
        if at < 0:
            return False
        at += len(part)
    return at <= end


class LimitExemption(models.Model):
    """A person or a group whose runs a limit neither counts nor refuses."""

    limit = models.ForeignKey(Limit, on_delete=models.CASCADE, related_name="exemptions")
    member = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True, blank=True, related_name="+"
    )
    group = models.ForeignKey(Group, on_delete=models.CASCADE, null=True, blank=True, related_name="+")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["limit", "member"],
                condition=Q(member__isnull=False),
                name="one_exemption_of_a_member",
            ),
            models.UniqueConstraint(
                fields=["limit", "group"], condition=Q(group__isnull=False), name="one_exemption_of_a_group"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.member or self.group} exempt from {self.limit}"


class LimitRaise(models.Model):
    """An addition to a limit until ``ends_at``: for one person, or for everybody if ``member`` is empty."""

    code = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    limit = models.ForeignKey(Limit, on_delete=models.CASCADE, related_name="raises")
    member = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True, blank=True, related_name="+"
    )
    amount = models.PositiveBigIntegerField()
    ends_at = models.DateTimeField()
    reason = models.CharField(max_length=200, blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    created_at = models.DateTimeField(default=now, editable=False)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["limit", "ends_at"], name="raises_by_end")]

    def __str__(self) -> str:
        return f"{self.amount} more for {self.limit} until {self.ends_at:%Y-%m-%d %H:%M}"


class LimitWindow(models.Model):
    """A limit in one of its periods: what was used, and what running runs hold.

    A limit that counts each person has a window for each, whose ``member`` it names.
    """

    limit = models.ForeignKey(Limit, on_delete=models.CASCADE, related_name="windows")
    member = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True, blank=True, related_name="+"
    )
    starts_at = models.DateTimeField()
    # Empty for a period without an end. The time zone may have been another one when the window was opened.
    ends_at = models.DateTimeField(null=True, blank=True)
    used = models.PositiveBigIntegerField(default=0)
    held = models.PositiveBigIntegerField(default=0)
    # The use before the window was opened in its period; empty for windows from before this was noted.
    opened_with = models.PositiveBigIntegerField(null=True, blank=True)
    # The highest of the limit's percents that people were told of.
    notified = models.PositiveSmallIntegerField(default=0, db_default=0)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["limit", "starts_at"], condition=Q(member__isnull=True), name="one_window_each"
            ),
            models.UniqueConstraint(
                fields=["limit", "member", "starts_at"],
                condition=Q(member__isnull=False),
                name="one_window_of_a_member_each",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.limit} from {self.starts_at}: {self.used} used, {self.held} held"
