import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):
    """Made anew: of the rows so far nobody knows whose they are, and what is refused is learned again."""

    dependencies = [
        ('accounts', '0001_initial'),
        ('playground', '0002_provider_setting'),
    ]

    operations = [
        migrations.DeleteModel(name='RefusedParameter'),
        migrations.CreateModel(
            name='RefusedParameter',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=100)),
                ('message', models.CharField(blank=True, max_length=500)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('endpoint', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='refused_parameters', to='playground.endpoint')),
                ('workspace', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='accounts.workspace')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('workspace', 'endpoint', 'name'), name='one_refusal_each')],
            },
        ),
    ]
