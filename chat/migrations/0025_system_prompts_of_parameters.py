from django.db import migrations, models
from django.db.models import Count, Q

# Parameters that were system prompts, before conversations had one. No form offers them any more.
NAMES = ("system", "instructions")
BATCH = 500


def text_of(value):
    """Return the text of a parameter: a text, or Anthropic's list of blocks."""
    if isinstance(value, str):
        return value
    blocks = value if isinstance(value, list) else ()
    texts = (block.get("text") for block in blocks if isinstance(block, dict))
    return "\n\n".join(text for text in texts if isinstance(text, str) and text)


def taken_out(parameters):
    """Return the text of these parameters, and all others."""
    texts = [text_of(parameters[name]) for name in NAMES if name in parameters]
    others = {name: value for name, value in parameters.items() if name not in NAMES}
    return "\n\n".join(text for text in texts if text.strip()), others


def move_parameters(apps, schema_editor):
    alias = schema_editor.connection.alias
    named = Q(parameters__has_any_keys=list(NAMES))
    prompts = apps.get_model("chat", "SystemPrompt").objects.using(alias)
    conversations = apps.get_model("chat", "Conversation").objects.using(alias)
    for conversation in conversations.filter(named).iterator(BATCH):
        text, conversation.parameters = taken_out(conversation.parameters)
        count = prompts.filter(conversation=conversation).count()
        if text and conversation.system_prompt_id is None:
            conversation.system_prompt = prompts.create(
                conversation=conversation, number=count + 1, text=text, author_id=conversation.owner_id
            )
        conversation.save(update_fields=["parameters", "system_prompt"])
    for conversation in conversations.filter(system_prompts__isnull=False).annotate(
        versions=Count("system_prompts")
    ):
        conversations.filter(pk=conversation.pk).update(system_prompt_count=conversation.versions)
    drafts = apps.get_model("chat", "Draft").objects.using(alias)
    for draft in drafts.exclude(parameters={}, last_chat={}).iterator(BATCH):
        text, draft.parameters = taken_out(draft.parameters)
        draft.system_text = draft.system_text or text
        if draft.last_chat:
            draft.last_chat["parameters"] = taken_out(draft.last_chat["parameters"])[1]
        draft.save(update_fields=["parameters", "system_text", "last_chat"])


class Migration(migrations.Migration):
    dependencies = [
        ("chat", "0024_tools_and_output_schemas"),
    ]

    operations = [
        migrations.AddField(
            model_name="conversation",
            name="system_prompt_count",
            field=models.PositiveIntegerField(db_default=0, default=0),
        ),
        migrations.RunPython(move_parameters, migrations.RunPython.noop),
    ]
