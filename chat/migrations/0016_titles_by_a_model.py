from django.db import migrations, models
import django.db.models.deletion


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0002_purposes_of_runs'),
        ('chat', '0015_new_chats_start_clean'),
        ('playground', '0007_more_endpoints_of_providers'),
    ]

    operations = [
        # It is unknown which titles of existing conversations were chosen by hand, so all of them count as chosen.
        migrations.AddField(
            model_name='conversation',
            name='is_title_chosen',
            field=models.BooleanField(db_default=True, default=True),
        ),
        migrations.AlterField(
            model_name='conversation',
            name='is_title_chosen',
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.AddField(
            model_name='run',
            name='title_of',
            field=models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='title_run', to='chat.conversation'),
        ),
        migrations.CreateModel(
            name='TitleSetting',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('model', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='playground.upstreammodel')),
                ('workspace', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='title_setting', to='accounts.workspace')),
            ],
        ),
    ]
