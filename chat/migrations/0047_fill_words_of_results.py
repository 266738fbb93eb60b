from django.db import migrations, transaction

from accounts.folding import fold
from chat.folding import MAX_FOLDED, folded_values

# Rows that are read and written at once. Each batch is a transaction of its own, so that no other statement
# waits long.
BATCH = 500


def fill_words(apps, schema_editor):
    """Fold what exists. It may be called again after a failure, and leaves what is written meanwhile."""
    connection = schema_editor.connection

    def rows(name):
        return apps.get_model("chat", name).objects.using(connection.alias).order_by("pk")

    _fill(
        connection,
        "UPDATE chat_tableofcases SET folded_name = %s WHERE id = %s AND folded_name = ''",
        rows("TableOfCases").filter(folded_name=""),
        "name",
        fold,
    )
    _fill(
        connection,
        "UPDATE chat_tablecase SET folded = %s WHERE id = %s AND folded = ''",
        rows("TableCase").filter(folded=""),
        "values",
        folded_values,
    )
    _fill(
        connection,
        "UPDATE chat_cell SET folded = %s WHERE id = %s AND folded = ''",
        rows("Cell").filter(folded="", run__status="finished"),
        "run__result",
        lambda result: fold(str((result or {}).get("text", ""))[:MAX_FOLDED]),
    )


def _fill(connection, statement, queryset, column, fold_value):
    last = 0
    while found := list(queryset.filter(pk__gt=last).values_list("pk", column)[:BATCH]):
        last = found[-1][0]
        with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
            cursor.executemany(statement, [(fold_value(value), pk) for pk, value in found])


class Migration(migrations.Migration):
    # PostgreSQL would keep all rows locked until the end of one transaction.
    atomic = False

    dependencies = [
        ("chat", "0046_words_of_tables_and_results"),
    ]

    operations = [
        migrations.RunPython(fill_words, migrations.RunPython.noop),
    ]
