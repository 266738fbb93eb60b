from __future__ import annotations

from collections import Counter

from django.db import migrations
from django.db.models import F, OuterRef, Exists

_KEY = ("workspace_id", "user_id", "provider_code", "model_id", "key_code")


def forget_estimates(apps, schema_editor):
    """A run that was corrected is no estimate any more, and its day counts one less."""
    _move(apps, -1)


def count_estimates(apps, schema_editor):
    _move(apps, 1)


def _move(apps, by):
    entries = apps.get_model("accounts", "LedgerEntry").objects
    sums = apps.get_model("accounts", "DaySum").objects
    estimate = entries.filter(run_code=OuterRef("run_code"), number=0, source="estimated")
    corrected = entries.filter(Exists(estimate), number=1)
    # Times are read in UTC, which is the zone of the days.
    found = Counter((held_at.date(), *key) for held_at, *key in corrected.values_list("held_at", *_KEY).iterator())
    for (day, *key), count in found.items():
        # The days of people whose accounts were deleted may have several sums; one of them is enough.
        one = sums.filter(day=day, **dict(zip(_KEY, key))).order_by("pk").values("pk")[:1]
        sums.filter(pk__in=list(one.values_list("pk", flat=True))).update(estimates=F("estimates") + by * count)


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0018_capped_keys'),
    ]

    operations = [
        migrations.RunPython(forget_estimates, count_estimates, elidable=True),
    ]
