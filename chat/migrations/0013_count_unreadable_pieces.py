from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("chat", "0012_fill_folded_texts"),
    ]

    operations = [
        migrations.AddField(
            model_name="run",
            name="unreadable_pieces",
            field=models.PositiveIntegerField(default=0),
        ),
    ]
