from django.db import migrations, models
import django.db.models.deletion


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0001_initial'),
        ('chat', '0008_fill_workspaces_of_runs'),
    ]

    operations = [
        migrations.AlterField(
            model_name='run',
            name='workspace',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='runs', to='accounts.workspace'),
        ),
        migrations.AddConstraint(
            model_name='run',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('answer__isnull', True), ('conversation__isnull', True)), models.Q(('answer__isnull', False), ('conversation__isnull', False)), _connector='OR'), name='conversation_and_answer_or_neither'),
        ),
    ]
