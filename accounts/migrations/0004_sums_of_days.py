from __future__ import annotations

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

# In SQLite, times are text in UTC, and dollars are floating-point numbers.
_DAYS = {"sqlite": "substr(held_at, 1, 10)", "postgresql": "CAST(held_at AT TIME ZONE 'UTC' AS date)"}
_FILL = """
    INSERT INTO accounts_daysum (
        workspace_id, day, user_id, provider_code, model_id,
        credits, credits_without_usd, usd_nanos, tokens, requests, runs, estimates
    )
    SELECT
        workspace_id, {day}, user_id, provider_code, model_id,
        sum(credits), sum(CASE WHEN usd IS NULL THEN credits ELSE 0 END),
        coalesce(sum(CAST(round(usd * 1000000000) AS bigint)), 0),
        sum(tokens), sum(requests), count(*), sum(CASE WHEN source = 'estimated' THEN 1 ELSE 0 END)
    FROM accounts_ledgerentry
    GROUP BY workspace_id, {day}, user_id, provider_code, model_id
"""


def fill(apps, schema_editor):
    connection = schema_editor.connection
    with connection.cursor() as cursor:
        cursor.execute(_FILL.format(day=_DAYS[connection.vendor]))


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0003_balances_of_keys'),
    ]

    operations = [
        migrations.CreateModel(
            name='DaySum',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('day', models.DateField()),
                ('provider_code', models.CharField(max_length=80)),
                ('model_id', models.CharField(max_length=200)),
                ('credits', models.PositiveBigIntegerField()),
                ('credits_without_usd', models.PositiveBigIntegerField()),
                ('usd_nanos', models.PositiveBigIntegerField()),
                ('tokens', models.PositiveBigIntegerField()),
                ('requests', models.PositiveBigIntegerField()),
                ('runs', models.PositiveBigIntegerField()),
                ('estimates', models.PositiveBigIntegerField()),
                ('user', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('workspace', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.workspace')),
            ],
            options={
                'indexes': [models.Index(fields=['user', 'workspace', 'day'], name='day_sums_by_user')],
                'constraints': [models.UniqueConstraint(fields=('workspace', 'day', 'provider_code', 'model_id', 'user'), name='one_day_sum_each')],
            },
        ),
        migrations.RunPython(fill, migrations.RunPython.noop, elidable=True),
    ]
