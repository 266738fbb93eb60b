from django.db import migrations, transaction

from chat.evaluation.answers import letters_of

BATCH = 500


def fill(apps, schema_editor):
    """Count the outcomes that exist, and find the prompts of variants, which were known by name alone.

    A name was given to one prompt at a time; of several that had it, the one that has it now is taken.
    """
    alias = schema_editor.connection.alias
    cells = apps.get_model("chat", "Cell").objects.using(alias).filter(letters="").exclude(outcomes=[])
    last = 0
    while found := list(cells.filter(pk__gt=last).order_by("pk").values_list("pk", "outcomes")[:BATCH]):
        last = found[-1][0]
        with transaction.atomic(using=alias), schema_editor.connection.cursor() as cursor:
            rows = [(letters_of(outcomes), pk) for pk, outcomes in found]
            cursor.executemany("UPDATE chat_cell SET letters = %s WHERE id = %s AND letters = ''", rows)
    prompts = apps.get_model("chat", "Prompt").objects.using(alias).filter(deleted_at=None)
    by_name = {(prompt.workspace_id, prompt.name): prompt.pk for prompt in prompts.only("workspace", "name")}
    variants = apps.get_model("chat", "Variant").objects.using(alias).filter(prompt=None)
    for pk, workspace, name in variants.values_list("pk", "experiment__table__workspace", "prompt_name"):
        plain, _, number = name.rpartition(" v")
        if number.isdigit() and (prompt := by_name.get((workspace, plain))):
            variants.filter(pk=pk).update(prompt=prompt)


class Migration(migrations.Migration):
    # PostgreSQL would keep all rows locked until the end of one transaction.
    atomic = False

    dependencies = [
        ("chat", "0048_prompts_and_checks_of_results"),
    ]

    operations = [
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
