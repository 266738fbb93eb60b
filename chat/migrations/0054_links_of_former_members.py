from django.db import migrations
from django.db.models import Exists, OuterRef
from django.utils.timezone import now


def end_links_of_former_members(apps, schema_editor):
    """Revoke the public links whose makers are no members any more, and delete their copies."""
    Snapshot = apps.get_model("chat", "Snapshot")
    Membership = apps.get_model("accounts", "Membership")
    makers = Membership._base_manager.filter(workspace=OuterRef("workspace"), user=OuterRef("made_by"))
    left = Snapshot.objects.filter(~Exists(makers), revoked_at=None)
    keys = list(left.values_list("pk", flat=True))
    # The sweep of orphans deletes their bytes.
    apps.get_model("chat", "StoredFile").objects.filter(snapshot__in=keys).delete()
    Snapshot.objects.filter(pk__in=keys).update(revoked_at=now(), content={})


class Migration(migrations.Migration):
    dependencies = [("accounts", "0035_temporary_chats"), ("chat", "0053_temporary_chats")]

    operations = [migrations.RunPython(end_links_of_former_members, migrations.RunPython.noop)]
