import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0001_initial"),
        ("chat", "0016_titles_by_a_model"),
    ]

    operations = [
        migrations.CreateModel(
            name="Share",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("can_write", models.BooleanField(default=False)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                (
                    "conversation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="shares", to="chat.conversation"
                    ),
                ),
                (
                    "member",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="accounts.membership"
                    ),
                ),
            ],
        ),
        migrations.AddConstraint(
            model_name="share",
            constraint=models.UniqueConstraint(fields=("conversation", "member"), name="one_share_each"),
        ),
        migrations.RemoveIndex(model_name="conversation", name="conversations_shared"),
        migrations.RenameField(model_name="conversation", old_name="visibility", new_name="workspace_access"),
        migrations.AlterField(
            model_name="conversation",
            name="workspace_access",
            field=models.CharField(
                choices=[("none", "No access"), ("read", "Can read"), ("write", "Can write")],
                default="none",
                max_length=10,
            ),
        ),
        migrations.AddIndex(
            model_name="conversation",
            index=models.Index(fields=["workspace", "-updated_at"], name="conversations_by_time"),
        ),
        migrations.AddIndex(
            model_name="conversation",
            index=models.Index(
                fields=["workspace", "workspace_access", "-updated_at"], name="conversations_shared"
            ),
        ),
    ]
