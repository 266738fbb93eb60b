from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("playground", "0004_endpoint_kinds_without_choices"),
    ]

    operations = [
        migrations.AddField(
            model_name="providersetting",
            name="extra_parameters",
            field=models.JSONField(blank=True, default=dict),
        ),
    ]
