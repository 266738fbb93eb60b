from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0001_initial'),
    ]

    operations = [
        migrations.AddField(
            model_name='ledgerentry',
            name='purpose',
            field=models.CharField(blank=True, choices=[('title', 'Title')], db_default='', default='', max_length=10),
        ),
    ]
