from __future__ import annotations

from django.db import migrations
from django.db.models import OuterRef, Subquery


def name_keys(apps, schema_editor):
    """Give the keys from before they had names that of their provider."""
    providers = apps.get_model("playground", "Provider").objects.filter(code=OuterRef("provider_code"))
    keys = apps.get_model("accounts", "ApiKey").objects.filter(label="")
    named = keys.annotate(name=Subquery(providers.values("name")[:1])).exclude(name=None)
    named.update(label=Subquery(providers.values("name")[:1]))


class Migration(migrations.Migration):
    dependencies = [("accounts", "0029_several_keys"), ("playground", "0011_models_for_groups")]

    operations = [migrations.RunPython(name_keys, migrations.RunPython.noop)]
