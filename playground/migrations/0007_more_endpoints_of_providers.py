from __future__ import annotations

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies: ClassVar = [("playground", "0006_prices_from_lists")]

    operations: ClassVar = [
        migrations.AddField("endpoint", "is_enabled", models.BooleanField(default=True)),
        migrations.AddField("provider", "more_kinds", models.JSONField(blank=True, default=list)),
    ]
