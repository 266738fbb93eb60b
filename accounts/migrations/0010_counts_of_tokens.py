from __future__ import annotations

from datetime import timedelta

from django.db import migrations

# In SQLite, times are text in UTC, and dollars are floating-point numbers.
_DAYS = {"sqlite": "substr(held_at, 1, 10)", "postgresql": "CAST(held_at AT TIME ZONE 'UTC' AS date)"}
_FILL = """
    INSERT INTO accounts_daysum (
        workspace_id, day, user_id, provider_code, model_id, key_code,
        credits, credits_without_usd, usd_nanos, tokens, input_tokens, output_tokens, requests, runs, estimates
    )
    SELECT
        workspace_id, {day}, user_id, provider_code, model_id, '',
        sum(credits), sum(CASE WHEN usd IS NULL THEN credits ELSE 0 END),
        coalesce(sum(CAST(round(usd * 1000000000) AS bigint)), 0),
        sum(tokens), sum(input_tokens), sum(output_tokens), sum(requests), count(*),
        sum(CASE WHEN source = 'estimated' THEN 1 ELSE 0 END)
    FROM accounts_ledgerentry
    GROUP BY workspace_id, {day}, user_id, provider_code, model_id
"""


def count_tokens(apps, schema_editor):
    connection = schema_editor.connection
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM accounts_daysum")
        cursor.execute(_FILL.format(day=_DAYS[connection.vendor]))


def end_windows(apps, schema_editor):
    """Note when the windows end. Until now, all periods were days and months in UTC."""
    windows = apps.get_model("accounts", "LimitWindow").objects
    for period, starts_at in windows.exclude(limit__period="ever").values_list("limit__period", "starts_at").distinct():
        ends_at = starts_at + timedelta(days=1)
        if period == "month":
            ends_at = (starts_at + timedelta(days=32)).replace(day=1)
        windows.filter(limit__period=period, starts_at=starts_at).update(ends_at=ends_at)


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0009_scopes_of_limits'),
    ]

    operations = [
        migrations.RunPython(count_tokens, migrations.RunPython.noop, elidable=True),
        migrations.RunPython(end_windows, migrations.RunPython.noop, elidable=True),
    ]
