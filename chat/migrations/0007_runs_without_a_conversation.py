from django.db import migrations, models
import django.db.models.deletion


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0001_initial'),
        ('chat', '0006_endpoint_kinds_without_choices'),
    ]

    operations = [
        migrations.AddField(
            model_name='run',
            name='workspace',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='runs', to='accounts.workspace'),
        ),
        migrations.AddField(
            model_name='run',
            name='result',
            field=models.JSONField(blank=True, null=True),
        ),
        migrations.AlterField(
            model_name='run',
            name='answer',
            field=models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='run', to='chat.message'),
        ),
        migrations.AlterField(
            model_name='run',
            name='conversation',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='runs', to='chat.conversation'),
        ),
        migrations.AddField(
            model_name='storedfile',
            name='run',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='files', to='chat.run'),
        ),
    ]
