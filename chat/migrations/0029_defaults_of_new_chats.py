import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.models import Q


def keep_drafts(apps, schema_editor):
    """Mark the drafts in which something was set, so that no default replaces it."""
    drafts = apps.get_model("chat", "Draft").objects.using(schema_editor.connection.alias)
    drafts.exclude(system_text="").update(is_system_set=True)
    changed = ~Q(parameters={}) | ~Q(set_aside={}) | ~Q(prompt_text="") | ~Q(system_text="")
    drafts.filter(changed | Q(is_streamed=False) | Q(reports_usage=False)).update(is_begun=True)


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0003_balances_of_keys'),
        ('chat', '0028_queued_prompts'),
        ('playground', '0008_announced_ends'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name='draft',
            name='is_begun',
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.AddField(
            model_name='draft',
            name='is_system_set',
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.RunPython(keep_drafts, migrations.RunPython.noop),
        migrations.CreateModel(
            name='ChatDefault',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('model_name', models.CharField(blank=True, max_length=120)),
                ('system_text', models.TextField(blank=True)),
                ('member', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='chat_defaults', to=settings.AUTH_USER_MODEL)),
                ('model', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='playground.upstreammodel')),
                ('workspace', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='chat_defaults', to='accounts.workspace')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('workspace', 'member'), name='one_default_each'), models.UniqueConstraint(condition=models.Q(('member', None)), fields=('workspace',), name='one_default_of_a_workspace')],
            },
        ),
    ]
