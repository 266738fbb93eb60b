from django.db import migrations, models


def offer_what_was_applied(apps, schema_editor):
    """Offer the parameters of drafts, which were those of the last chat, instead of applying them."""
    drafts = apps.get_model("chat", "Draft").objects
    for draft in drafts.exclude(parameters={}).iterator():
        drafts.filter(pk=draft.pk).update(
            last_chat={
                "parameters": draft.parameters,
                "model": draft.model_id,
                "kind": draft.endpoint_kind,
                "digest": draft.schema_digest,
            },
            parameters={},
        )
    drafts.exclude(set_aside={}).update(set_aside={})


class Migration(migrations.Migration):
    dependencies = [
        ("chat", "0014_deletion_and_placements"),
    ]

    operations = [
        migrations.AddField(
            model_name="draft",
            name="last_chat",
            field=models.JSONField(blank=True, default=dict),
        ),
        migrations.RunPython(offer_what_was_applied, migrations.RunPython.noop),
    ]
