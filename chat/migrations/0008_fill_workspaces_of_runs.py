from django.db import migrations
from django.db.models import OuterRef, Subquery

# Rows of one statement. Each is a transaction of its own, so that no other statement waits long.
BATCH = 1000


def fill_workspaces(apps, schema_editor):
    """Copy the workspace of its conversation to every run. It may be called again after a failure."""
    alias = schema_editor.connection.alias
    runs = apps.get_model("chat", "Run").objects.using(alias)
    conversations = apps.get_model("chat", "Conversation").objects.using(alias)
    workspace = Subquery(conversations.filter(pk=OuterRef("conversation")).values("workspace")[:1])
    last = 0
    while pks := list(
        runs.filter(workspace=None, pk__gt=last).order_by("pk").values_list("pk", flat=True)[:BATCH]
    ):
        runs.filter(pk__in=pks).update(workspace=workspace)
        last = pks[-1]


class Migration(migrations.Migration):
    # PostgreSQL would keep all rows locked until the end of one transaction.
    atomic = False

    dependencies = [
        ("chat", "0007_runs_without_a_conversation"),
    ]

    operations = [
        migrations.RunPython(fill_workspaces, migrations.RunPython.noop),
    ]
