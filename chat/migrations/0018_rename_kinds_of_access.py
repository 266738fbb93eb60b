from django.db import migrations

# Everyone except viewers could write in a shared conversation.
RENAMED = {"private": "none", "workspace": "write"}


def rename_kinds_of_access(apps, schema_editor):
    _rename(apps, schema_editor, RENAMED)


def restore_visibility(apps, schema_editor):
    # The last version has no access for reading alone, so such a conversation becomes private.
    _rename(apps, schema_editor, {"none": "private", "read": "private", "write": "workspace"})


def _rename(apps, schema_editor, names):
    conversations = apps.get_model("chat", "Conversation").objects.using(schema_editor.connection.alias)
    for old, new in names.items():
        conversations.filter(workspace_access=old).update(workspace_access=new)


class Migration(migrations.Migration):
    dependencies = [
        ("chat", "0017_shares"),
    ]

    operations = [
        migrations.RunPython(rename_kinds_of_access, restore_visibility),
    ]
