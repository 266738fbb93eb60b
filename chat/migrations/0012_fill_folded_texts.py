from django.db import migrations, transaction

from accounts.names import one_line
from accounts.folding import fold
from chat.folding import folded_message

# Rows that are read and written at once, and most characters that they may hold together. Each batch is a
# transaction of its own, so that no other statement waits long.
BATCH = 200
MOST_CHARACTERS = 8_000_000


def fill_folded_texts(apps, schema_editor):
    """Fold the titles and messages that exist. It may be called again after a failure.

    A row that is written meanwhile has its folded text already and stays as it is.
    """
    connection = schema_editor.connection
    conversations = apps.get_model("chat", "Conversation").objects.using(connection.alias)
    messages = apps.get_model("chat", "Message").objects.using(connection.alias)
    titles = conversations.filter(folded_title="").exclude(title="").order_by("pk")
    _fill(
        connection,
        "UPDATE chat_conversation SET folded_title = %s, title = %s"
        " WHERE id = %s AND title = %s AND folded_title = ''",
        ((fold(_clean(title)), _clean(title), pk, title) for pk, title in _rows(titles, "title")),
    )
    texts = messages.filter(folded="").order_by("pk")
    _fill(
        connection,
        "UPDATE chat_message SET folded = %s WHERE id = %s AND folded = ''",
        ((folded_message(text, data), pk) for pk, text, data in _rows(texts, "text", "data")),
    )


def _clean(title):
    # Titles of earlier versions may hold characters that change the direction of the text.
    return one_line(title) or "New chat"


def _rows(queryset, *columns):
    last = 0
    while found := list(queryset.filter(pk__gt=last).values_list("pk", *columns)[:BATCH]):
        yield from found
        last = found[-1][0]


def _fill(connection, statement, values):
    batch, characters = [], 0
    for row in values:
        batch.append(row)
        characters += len(row[0])
        if len(batch) >= BATCH or characters >= MOST_CHARACTERS:
            _write(connection, statement, batch)
            batch, characters = [], 0
    _write(connection, statement, batch)


def _write(connection, statement, batch):
    if batch:
        with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
            cursor.executemany(statement, batch)


class Migration(migrations.Migration):
    # PostgreSQL would keep all rows locked until the end of one transaction.
    atomic = False

    dependencies = [
        ("chat", "0011_folded_texts"),
    ]

    operations = [
        migrations.RunPython(fill_folded_texts, migrations.RunPython.noop),
    ]
