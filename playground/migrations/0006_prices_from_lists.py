from __future__ import annotations

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies: ClassVar = [("playground", "0005_extra_parameters_of_providers")]

    operations: ClassVar = [
        migrations.AddField("upstreammodel", "has_listed_price", models.BooleanField(default=False)),
    ]
