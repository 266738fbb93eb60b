import chat.models.folded
import django.db.models.deletion
import django.utils.timezone
import uuid
from decimal import Decimal
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    # A new database gets its tables in one step; one of an earlier version goes on where it is.
    replaces = [
        ("chat", "0001_initial"),
        ("chat", "0002_stored_files"),
        ("chat", "0003_exchanges"),
        ("chat", "0004_runs_by_status"),
        ("chat", "0005_tokens_as_booked"),
        ("chat", "0006_endpoint_kinds_without_choices"),
        ("chat", "0007_runs_without_a_conversation"),
        ("chat", "0008_fill_workspaces_of_runs"),
        ("chat", "0009_every_run_has_a_workspace"),
        ("chat", "0010_encodings_of_texts"),
        ("chat", "0011_folded_texts"),
        ("chat", "0012_fill_folded_texts"),
        ("chat", "0013_count_unreadable_pieces"),
        ("chat", "0014_deletion_and_placements"),
        ("chat", "0015_new_chats_start_clean"),
        ("chat", "0016_titles_by_a_model"),
        ("chat", "0017_shares"),
        ("chat", "0018_rename_kinds_of_access"),
        ("chat", "0019_prompts_that_were_opened"),
        ("chat", "0020_system_prompts"),
        ("chat", "0021_how_requests_are_sent"),
        ("chat", "0022_marks_of_answers"),
        ("chat", "0023_edited_and_copied_messages"),
        ("chat", "0024_tools_and_output_schemas"),
        ("chat", "0025_system_prompts_of_parameters"),
        ("chat", "0026_started_answers"),
        ("chat", "0027_background_answers"),
        ("chat", "0028_queued_prompts"),
        ("chat", "0029_defaults_of_new_chats"),
        ("chat", "0030_list_prices_of_vendors"),
        ("chat", "0031_tokens_that_holds_cover"),
        ("chat", "0032_costs_with_their_basis"),
        ("chat", "0033_keys_of_runs"),
        ("chat", "0034_estimates_of_answers"),
        ("chat", "0035_stored_prompts"),
        ("chat", "0036_test_tables"),
        ("chat", "0037_columns_of_comparisons"),
        ("chat", "0038_prompts_that_wait_for_limits"),
        ("chat", "0039_experiments"),
        ("chat", "0040_reasons_of_pauses"),
        ("chat", "0041_uses_of_prompts"),
        ("chat", "0042_next_cells"),
        ("chat", "0043_choices_of_answers"),
        ("chat", "0044_shares_with_groups"),
        ("chat", "0045_snapshots"),
        ("chat", "0046_words_of_tables_and_results"),
        ("chat", "0047_fill_words_of_results"),
        ("chat", "0048_prompts_and_checks_of_results"),
        ("chat", "0049_fill_prompts_and_checks"),
        ("chat", "0050_retention_of_imports"),
        ("chat", "0051_workspace_imports"),
        ("chat", "0052_shares_of_the_library"),
        ("chat", "0053_temporary_chats"),
        ("chat", "0054_links_of_former_members"),
    ]

    initial = True

    dependencies = [
        ("accounts", "0035_temporary_chats"),
        ("playground", "0012_labels_of_keys"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Draft",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("endpoint_kind", models.CharField(default="chat/completions", max_length=20)),
                ("parameters", models.JSONField(blank=True, default=dict)),
                ("schema_digest", models.CharField(blank=True, max_length=64)),
                ("set_aside", models.JSONField(blank=True, default=dict)),
                (
                    "model",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="playground.upstreammodel",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="drafts",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "workspace",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="drafts",
                        to="accounts.workspace",
                    ),
                ),
                ("last_chat", models.JSONField(blank=True, default=dict)),
                ("prompt_text", models.TextField(blank=True, db_default="", default="")),
                ("system_text", models.TextField(blank=True, db_default="", default="")),
                ("is_streamed", models.BooleanField(db_default=True, default=True)),
                ("reports_usage", models.BooleanField(db_default=True, default=True)),
                ("is_begun", models.BooleanField(db_default=False, default=False)),
                ("is_system_set", models.BooleanField(db_default=False, default=False)),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("user", "workspace"), name="one_draft_each")],
            },
        ),
        migrations.CreateModel(
            name="TitleSetting",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "model",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="playground.upstreammodel",
                    ),
                ),
                (
                    "workspace",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="title_setting",
                        to="accounts.workspace",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="OutputSchema",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("code", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("name", models.CharField(max_length=64)),
                ("description", models.TextField(blank=True)),
                ("schema", models.TextField(blank=True)),
                ("is_strict", models.BooleanField(default=False)),
                ("version", models.PositiveIntegerField(default=1)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ("updated_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                (
                    "created_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "workspace",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="%(class)ss",
                        to="accounts.workspace",
                    ),
                ),
                (
                    "workspace_access",
                    models.CharField(
                        choices=[("none", "No access"), ("read", "Can read"), ("write", "Can write")],
                        db_default="write",
                        default="write",
                        max_length=10,
                    ),
                ),
            ],
            options={
                "ordering": ["name"],
                "abstract": False,
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("workspace_access", "none"), _negated=True),
                        fields=("workspace", "name"),
                        name="one_output_schema_of_a_name",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Tool",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("code", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("name", models.CharField(max_length=64)),
                ("description", models.TextField(blank=True)),
                ("schema", models.TextField(blank=True)),
                ("is_strict", models.BooleanField(default=False)),
                ("version", models.PositiveIntegerField(default=1)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ("updated_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ("result_schema", models.TextField(blank=True)),
                ("examples", models.JSONField(blank=True, default=list)),
                (
                    "created_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "workspace",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="%(class)ss",
                        to="accounts.workspace",
                    ),
                ),
                (
                    "workspace_access",
                    models.CharField(
                        choices=[("none", "No access"), ("read", "Can read"), ("write", "Can write")],
                        db_default="write",
                        default="write",
                        max_length=10,
                    ),
                ),
            ],
            options={
                "ordering": ["name"],
                "abstract": False,
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("workspace_access", "none"), _negated=True),
                        fields=("workspace", "name"),
                        name="one_tool_of_a_name",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="ChatDefault",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("model_name", models.CharField(blank=True, max_length=120)),
                ("system_text", models.TextField(blank=True)),
                (
                    "member",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="chat_defaults",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "model",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="playground.upstreammodel",
                    ),
                ),
                (
                    "workspace",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="chat_defaults",
                        to="accounts.workspace",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("workspace", "member"), name="one_default_each"),
                    models.UniqueConstraint(
                        condition=models.Q(("member", None)),
                        fields=("workspace",),
                        name="one_default_of_a_workspace",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="LearnedUpTo",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("entry", models.BigIntegerField(default=0)),
            ],
        ),
        migrations.CreateModel(
            name="ModelStatistics",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("learned", models.JSONField(default=dict)),
                ("updated_at", models.DateTimeField(db_index=True, default=django.utils.timezone.now)),
                (
                    "model",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="playground.upstreammodel",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Prompt",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("code", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("name", models.CharField(max_length=128)),
                ("description", models.TextField(blank=True)),
                ("version", models.PositiveIntegerField(default=1)),
                ("production", models.PositiveIntegerField(blank=True, null=True)),
                ("edits", models.PositiveIntegerField(default=1)),
                ("summary", models.JSONField(blank=True, default=dict)),
                ("folded", models.TextField(blank=True, default="", editable=False)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ("updated_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ("deleted_at", models.DateTimeField(blank=True, editable=False, null=True)),
                (
                    "created_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "workspace",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="prompts",
                        to="accounts.workspace",
                    ),
                ),
                (
                    "workspace_access",
                    models.CharField(
                        choices=[("none", "No access"), ("read", "Can read"), ("write", "Can write")],
                        db_default="write",
                        default="write",
                        max_length=10,
                    ),
                ),
            ],
            options={
                "ordering": ["name"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(
                            ("deleted_at", None), models.Q(("workspace_access", "none"), _negated=True)
                        ),
                        fields=("workspace", "name"),
                        name="one_prompt_of_a_name",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="PromptVersion",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.PositiveIntegerField()),
                ("content", models.TextField()),
                ("note", models.CharField(blank=True, max_length=200)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                (
                    "author",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "prompt",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="versions", to="chat.prompt"
                    ),
                ),
            ],
            options={
                "ordering": ["prompt", "-number"],
                "constraints": [
                    models.UniqueConstraint(fields=("prompt", "number"), name="one_prompt_version_each")
                ],
            },
        ),
        migrations.CreateModel(
            name="TableOfCases",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("code", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("name", models.CharField(max_length=120)),
                ("columns", models.JSONField(blank=True, default=list)),
                ("checks", models.JSONField(blank=True, default=list)),
                ("size", models.PositiveIntegerField(default=0)),
                ("last_number", models.PositiveIntegerField(default=0)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ("updated_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                (
                    "created_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "workspace",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="test_tables",
                        to="accounts.workspace",
                    ),
                ),
                (
                    "folded_name",
                    chat.models.folded.FoldedField(
                        blank=True,
                        db_default="",
                        default="",
                        editable=False,
                        of=chat.models.folded.words_of_table,
                    ),
                ),
                (
                    "workspace_access",
                    models.CharField(
                        choices=[("none", "No access"), ("read", "Can read"), ("write", "Can write")],
                        db_default="write",
                        default="write",
                        max_length=10,
                    ),
                ),
            ],
            options={
                "ordering": ["name"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("workspace_access", "none"), _negated=True),
                        fields=("workspace", "name"),
                        name="one_test_table_of_a_name",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="TableCase",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.PositiveIntegerField()),
                ("values", models.JSONField(blank=True, default=dict)),
                (
                    "table",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="cases",
                        to="chat.tableofcases",
                    ),
                ),
                (
                    "folded",
                    chat.models.folded.FoldedField(
                        blank=True,
                        db_default="",
                        default="",
                        editable=False,
                        of=chat.models.folded.words_of_case,
                    ),
                ),
            ],
            options={
                "ordering": ["number"],
                "constraints": [
                    models.UniqueConstraint(fields=("table", "number"), name="one_case_of_a_number")
                ],
            },
        ),
        migrations.CreateModel(
            name="Experiment",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("code", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("number", models.PositiveIntegerField()),
                (
                    "state",
                    models.CharField(
                        choices=[("running", "Running"), ("paused", "Paused"), ("finished", "Finished")],
                        default="running",
                        max_length=10,
                    ),
                ),
                ("pause", models.TextField(blank=True)),
                ("concurrency", models.PositiveSmallIntegerField(default=4)),
                ("repetitions", models.PositiveSmallIntegerField(default=1)),
                ("checks", models.JSONField(blank=True, default=list)),
                ("columns", models.JSONField(blank=True, default=list)),
                ("judge_name", models.CharField(blank=True, max_length=200)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ("finished_at", models.DateTimeField(blank=True, null=True)),
                (
                    "cap",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.RESTRICT,
                        related_name="+",
                        to="accounts.limit",
                    ),
                ),
                (
                    "judge",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="playground.endpoint",
                    ),
                ),
                (
                    "table",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="experiments",
                        to="chat.tableofcases",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("is_pause_personal", models.BooleanField(db_default=False, default=False)),
            ],
            options={
                "ordering": ["table", "-number"],
                "constraints": [
                    models.UniqueConstraint(fields=("table", "number"), name="one_experiment_of_a_number")
                ],
            },
        ),
        migrations.CreateModel(
            name="Variant",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.PositiveSmallIntegerField()),
                ("content", models.TextField()),
                ("prompt_name", models.CharField(max_length=200)),
                ("provider_code", models.CharField(max_length=80)),
                ("model_id", models.CharField(max_length=200)),
                ("model_name", models.CharField(max_length=200)),
                ("parameters", models.JSONField(blank=True, default=dict)),
                ("set_name", models.CharField(blank=True, max_length=200)),
                (
                    "endpoint",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="playground.endpoint",
                    ),
                ),
                (
                    "experiment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="variants",
                        to="chat.experiment",
                    ),
                ),
                (
                    "prompt",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="variants",
                        to="chat.prompt",
                    ),
                ),
            ],
            options={
                "ordering": ["experiment", "number"],
                "constraints": [
                    models.UniqueConstraint(fields=("experiment", "number"), name="one_variant_of_a_number")
                ],
            },
        ),
        migrations.CreateModel(
            name="PromptUse",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.PositiveIntegerField()),
                ("conversation_code", models.UUIDField(editable=False, null=True)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                (
                    "member",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "prompt",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="uses", to="chat.prompt"
                    ),
                ),
            ],
            options={
                "ordering": ["-pk"],
            },
        ),
        migrations.CreateModel(
            name="WorkspaceImport",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("archive", models.UUIDField(unique=True)),
                ("slug", models.SlugField(max_length=60)),
                ("shifts", models.JSONField(default=dict)),
                ("left_out", models.JSONField(default=dict)),
                ("renamed", models.JSONField(default=dict)),
                ("part", models.PositiveIntegerField(default=0)),
                ("started_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ("finished_at", models.DateTimeField(blank=True, null=True)),
                (
                    "workspace",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="accounts.workspace",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="PromptShare",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("can_write", models.BooleanField(default=False)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                (
                    "group",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="accounts.group",
                    ),
                ),
                (
                    "item",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="shares", to="chat.prompt"
                    ),
                ),
                (
                    "member",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="accounts.membership",
                    ),
                ),
            ],
            options={
                "abstract": False,
                "constraints": [
                    models.UniqueConstraint(fields=("item", "member"), name="one_promptshare_each"),
                    models.UniqueConstraint(fields=("item", "group"), name="one_promptshare_each_group"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("group__isnull", True), ("member__isnull", False)),
                            models.Q(("group__isnull", False), ("member__isnull", True)),
                            _connector="OR",
                        ),
                        name="promptshare_of_one_holder",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="SchemaShare",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("can_write", models.BooleanField(default=False)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                (
                    "group",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="accounts.group",
                    ),
                ),
                (
                    "item",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="shares",
                        to="chat.outputschema",
                    ),
                ),
                (
                    "member",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="accounts.membership",
                    ),
                ),
            ],
            options={
                "abstract": False,
                "constraints": [
                    models.UniqueConstraint(fields=("item", "member"), name="one_schemashare_each"),
                    models.UniqueConstraint(fields=("item", "group"), name="one_schemashare_each_group"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("group__isnull", True), ("member__isnull", False)),
                            models.Q(("group__isnull", False), ("member__isnull", True)),
                            _connector="OR",
                        ),
                        name="schemashare_of_one_holder",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="TableShare",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("can_write", models.BooleanField(default=False)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                (
                    "group",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="accounts.group",
                    ),
                ),
                (
                    "item",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="shares",
                        to="chat.tableofcases",
                    ),
                ),
                (
                    "member",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="accounts.membership",
                    ),
                ),
            ],
            options={
                "abstract": False,
                "constraints": [
                    models.UniqueConstraint(fields=("item", "member"), name="one_tableshare_each"),
                    models.UniqueConstraint(fields=("item", "group"), name="one_tableshare_each_group"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("group__isnull", True), ("member__isnull", False)),
                            models.Q(("group__isnull", False), ("member__isnull", True)),
                            _connector="OR",
                        ),
                        name="tableshare_of_one_holder",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ToolShare",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("can_write", models.BooleanField(default=False)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                (
                    "group",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="accounts.group",
                    ),
                ),
                (
                    "item",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="shares", to="chat.tool"
                    ),
                ),
                (
                    "member",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="accounts.membership",
                    ),
                ),
            ],
            options={
                "abstract": False,
                "constraints": [
                    models.UniqueConstraint(fields=("item", "member"), name="one_toolshare_each"),
                    models.UniqueConstraint(fields=("item", "group"), name="one_toolshare_each_group"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("group__isnull", True), ("member__isnull", False)),
                            models.Q(("group__isnull", False), ("member__isnull", True)),
                            _connector="OR",
                        ),
                        name="toolshare_of_one_holder",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="SystemPrompt",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.PositiveIntegerField()),
                ("text", models.TextField()),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                (
                    "author",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["conversation", "number"],
            },
        ),
        migrations.CreateModel(
            name="Conversation",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("code", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("title", models.CharField(max_length=120)),
                ("endpoint_kind", models.CharField(default="chat/completions", max_length=20)),
                ("parameters", models.JSONField(blank=True, default=dict)),
                ("schema_digest", models.CharField(blank=True, max_length=64)),
                ("set_aside", models.JSONField(blank=True, default=dict)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ("updated_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "model",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="playground.upstreammodel",
                    ),
                ),
                (
                    "owner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="conversations",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "workspace",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="conversations",
                        to="accounts.workspace",
                    ),
                ),
                (
                    "folded_title",
                    chat.models.folded.FoldedField(
                        blank=True,
                        db_default="",
                        default="",
                        editable=False,
                        of=chat.models.folded.words_of_title,
                    ),
                ),
                ("deleted_at", models.DateTimeField(blank=True, editable=False, null=True)),
                ("is_title_chosen", models.BooleanField(db_default=False, default=False)),
                (
                    "workspace_access",
                    models.CharField(
                        choices=[("none", "No access"), ("read", "Can read"), ("write", "Can write")],
                        default="none",
                        max_length=10,
                    ),
                ),
                ("prompt_text", models.TextField(blank=True, db_default="", default="")),
                (
                    "system_prompt",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="chat.systemprompt",
                    ),
                ),
                ("is_streamed", models.BooleanField(db_default=True, default=True)),
                ("reports_usage", models.BooleanField(db_default=True, default=True)),
                ("system_prompt_count", models.PositiveIntegerField(db_default=0, default=0)),
                (
                    "queue_pause",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("stopped", "Stopped"),
                            ("failed", "Failed"),
                            ("interrupted", "Interrupted"),
                            ("cut", "Cut"),
                            ("calls", "Calls"),
                            ("refused", "Refused"),
                        ],
                        db_default="",
                        default="",
                        max_length=12,
                    ),
                ),
                ("queue_version", models.PositiveIntegerField(db_default=0, default=0)),
                (
                    "column_of",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="columns",
                        to="chat.conversation",
                    ),
                ),
                ("column_place", models.PositiveSmallIntegerField(db_default=0, default=0)),
                ("is_comparison", models.BooleanField(db_default=False, default=False)),
                ("is_blind", models.BooleanField(db_default=False, default=False)),
                ("kept_since", models.DateTimeField(blank=True, editable=False, null=True)),
                ("is_temporary", models.BooleanField(db_default=False, default=False)),
            ],
            options={
                "ordering": ["-updated_at", "-pk"],
                "indexes": [
                    models.Index(fields=["workspace", "owner", "-updated_at"], name="conversations_of_owner"),
                    models.Index(
                        condition=models.Q(("deleted_at__isnull", False)),
                        fields=["deleted_at"],
                        name="deleted_conversations",
                    ),
                    models.Index(fields=["workspace", "-updated_at"], name="conversations_by_time"),
                    models.Index(
                        fields=["workspace", "workspace_access", "-updated_at"], name="conversations_shared"
                    ),
                    models.Index(
                        condition=models.Q(("is_temporary", True)),
                        fields=["workspace", "updated_at"],
                        name="temporary_conversations",
                    ),
                ],
            },
        ),
        migrations.AddField(
            model_name="systemprompt",
            name="conversation",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="system_prompts",
                to="chat.conversation",
            ),
        ),
        migrations.AddConstraint(
            model_name="systemprompt",
            constraint=models.UniqueConstraint(
                fields=("conversation", "number"), name="one_system_prompt_each"
            ),
        ),
        migrations.CreateModel(
            name="Message",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("code", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                (
                    "role",
                    models.CharField(
                        choices=[
                            ("system", "System"),
                            ("user", "User"),
                            ("assistant", "Assistant"),
                            ("tool", "Tool"),
                        ],
                        max_length=10,
                    ),
                ),
                ("text", models.TextField(blank=True)),
                ("reasoning", models.TextField(blank=True)),
                ("data", models.JSONField(blank=True, default=dict)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                (
                    "author",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "conversation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="messages",
                        to="chat.conversation",
                    ),
                ),
                (
                    "parent",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="children",
                        to="chat.message",
                    ),
                ),
                (
                    "folded",
                    chat.models.folded.FoldedField(
                        blank=True,
                        db_default="",
                        default="",
                        editable=False,
                        of=chat.models.folded.words_of_message,
                    ),
                ),
                (
                    "system_prompt",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="chat.systemprompt",
                    ),
                ),
                (
                    "copied_from",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="chat.message",
                    ),
                ),
                ("is_edited", models.BooleanField(db_default=False, default=False)),
                ("is_example", models.BooleanField(db_default=False, default=False)),
                ("model_id", models.CharField(blank=True, db_default="", default="", max_length=200)),
                ("provider_code", models.CharField(blank=True, db_default="", default="", max_length=80)),
            ],
            options={
                "ordering": ["pk"],
            },
        ),
        migrations.AddField(
            model_name="conversation",
            name="head",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="chat.message",
            ),
        ),
        migrations.CreateModel(
            name="Run",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("code", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("provider_code", models.CharField(max_length=80)),
                ("model_id", models.CharField(max_length=200)),
                ("endpoint_kind", models.CharField(max_length=20)),
                ("parameters", models.JSONField(default=dict)),
                ("body", models.JSONField(default=dict)),
                ("input_price", models.DecimalField(decimal_places=4, max_digits=16, null=True)),
                ("output_price", models.DecimalField(decimal_places=4, max_digits=16, null=True)),
                ("idempotency_key", models.UUIDField()),
                ("request_hash", models.CharField(max_length=64)),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("queued", "Queued"),
                            ("running", "Running"),
                            ("finished", "Finished"),
                            ("stopped", "Stopped"),
                            ("failed", "Failed"),
                            ("interrupted", "Interrupted"),
                        ],
                        default="queued",
                        max_length=12,
                    ),
                ),
                ("stop_requested", models.BooleanField(default=False)),
                ("lease_owner", models.CharField(blank=True, max_length=80)),
                ("lease_expires_at", models.DateTimeField()),
                ("fence", models.PositiveIntegerField(default=0)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ("started_at", models.DateTimeField(blank=True, null=True)),
                ("first_token_ms", models.PositiveIntegerField(blank=True, null=True)),
                ("reasoning_ms", models.PositiveIntegerField(blank=True, null=True)),
                ("finished_at", models.DateTimeField(blank=True, null=True)),
                ("finish_reason", models.CharField(blank=True, max_length=40)),
                ("is_truncated", models.BooleanField(default=False)),
                ("error", models.JSONField(blank=True, null=True)),
                ("usage", models.JSONField(blank=True, null=True)),
                ("input_tokens", models.PositiveBigIntegerField(blank=True, null=True)),
                ("output_tokens", models.PositiveBigIntegerField(blank=True, null=True)),
                ("reasoning_tokens", models.PositiveBigIntegerField(blank=True, null=True)),
                ("credits", models.PositiveBigIntegerField(blank=True, null=True)),
                ("usd", models.DecimalField(blank=True, decimal_places=9, max_digits=16, null=True)),
                ("is_cost_estimated", models.BooleanField(default=False)),
                ("inference_id", models.CharField(blank=True, max_length=128)),
                (
                    "answer",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="run",
                        to="chat.message",
                    ),
                ),
                (
                    "conversation",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="runs",
                        to="chat.conversation",
                    ),
                ),
                (
                    "endpoint",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="playground.endpoint",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("references", models.JSONField(blank=True, default=list)),
                ("are_tokens_estimated", models.BooleanField(default=False)),
                (
                    "workspace",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="runs",
                        to="accounts.workspace",
                    ),
                ),
                ("result", models.JSONField(blank=True, null=True)),
                ("unreadable_pieces", models.PositiveIntegerField(default=0)),
                (
                    "title_of",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="title_run",
                        to="chat.conversation",
                    ),
                ),
                ("is_streamed", models.BooleanField(db_default=True, default=True)),
                ("reported", models.JSONField(blank=True, null=True)),
                ("prefill", models.TextField(blank=True, db_default="", default="")),
                ("background_id", models.CharField(blank=True, db_default="", default="", max_length=200)),
                ("list_price_on", models.DateField(null=True)),
                ("covered_tokens", models.BigIntegerField(null=True)),
                ("basis", models.JSONField(blank=True, null=True)),
                ("key_code", models.CharField(blank=True, db_default="", default="", max_length=36)),
                ("counted_tokens", models.FloatField(null=True)),
                ("script", models.CharField(blank=True, db_default="", default="", max_length=10)),
                ("set_by_limit", models.JSONField(blank=True, null=True)),
                ("token_rate", models.FloatField(db_default=1.0, default=1.0)),
                ("made_for", models.CharField(blank=True, db_default="", default="", max_length=10)),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("status__in", ["queued", "running"])),
                        fields=["lease_expires_at"],
                        name="live_runs_by_lease",
                    ),
                    models.Index(fields=["status", "provider_code"], name="runs_by_status"),
                    models.Index(fields=["started_at"], name="runs_by_start"),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("user", "idempotency_key"), name="one_run_per_send"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("answer__isnull", True), ("conversation__isnull", True)),
                            models.Q(("answer__isnull", False), ("conversation__isnull", False)),
                            _connector="OR",
                        ),
                        name="conversation_and_answer_or_neither",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="RunChunk",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("seq", models.PositiveBigIntegerField()),
                ("events", models.BinaryField()),
                (
                    "run",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="chunks", to="chat.run"
                    ),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("run", "seq"), name="one_chunk_each")],
            },
        ),
        migrations.CreateModel(
            name="Exchange",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.PositiveSmallIntegerField()),
                ("sent_at", models.DateTimeField(db_index=True)),
                ("method", models.CharField(max_length=10)),
                ("url", models.TextField()),
                ("request_headers", models.JSONField(default=list)),
                ("response_headers", models.JSONField(default=list)),
                ("body_digest", models.CharField(max_length=64)),
                ("body_size", models.PositiveBigIntegerField()),
                ("status", models.PositiveSmallIntegerField(null=True)),
                ("head_ms", models.PositiveIntegerField(null=True)),
                ("duration_ms", models.PositiveIntegerField(default=0)),
                ("raw", models.BinaryField()),
                ("raw_size", models.PositiveBigIntegerField()),
                ("pieces", models.PositiveIntegerField(default=0)),
                ("dropped", models.PositiveBigIntegerField(default=0)),
                ("is_complete", models.BooleanField(default=False)),
                (
                    "ending",
                    models.CharField(
                        choices=[("read", "read"), ("broken", "broken"), ("left", "left")], max_length=6
                    ),
                ),
                ("error", models.JSONField(null=True)),
                (
                    "run",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="exchanges", to="chat.run"
                    ),
                ),
            ],
            options={
                "ordering": ["run", "number"],
                "constraints": [models.UniqueConstraint(fields=("run", "number"), name="one_exchange_each")],
            },
        ),
        migrations.CreateModel(
            name="Placement",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "place",
                    models.CharField(choices=[("pinned", "Pinned"), ("archived", "Archived")], max_length=8),
                ),
                (
                    "conversation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="placements",
                        to="chat.conversation",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="placements",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("user", "conversation"), name="one_placement_each")
                ],
            },
        ),
        migrations.CreateModel(
            name="Share",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("can_write", models.BooleanField(default=False)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                (
                    "conversation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="shares",
                        to="chat.conversation",
                    ),
                ),
                (
                    "member",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="accounts.membership",
                    ),
                ),
                (
                    "group",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="accounts.group",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("conversation", "member"), name="one_share_each"),
                    models.UniqueConstraint(fields=("conversation", "group"), name="one_share_each_group"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("group__isnull", True), ("member__isnull", False)),
                            models.Q(("group__isnull", False), ("member__isnull", True)),
                            _connector="OR",
                        ),
                        name="share_of_one_holder",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="QueuedPrompt",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("code", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("position", models.PositiveIntegerField()),
                ("text", models.TextField(blank=True)),
                ("prefill", models.TextField(blank=True)),
                ("provider_code", models.CharField(max_length=80)),
                ("model_id", models.CharField(max_length=200)),
                ("parameters", models.JSONField(blank=True, default=dict)),
                ("is_streamed", models.BooleanField(default=True)),
                ("reports_usage", models.BooleanField(default=True)),
                ("idempotency_key", models.UUIDField()),
                ("request_hash", models.CharField(max_length=64)),
                ("refusal", models.TextField(blank=True)),
                ("is_refusal_personal", models.BooleanField(default=False)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                (
                    "after",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="chat.message",
                    ),
                ),
                (
                    "author",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "conversation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="queued_prompts",
                        to="chat.conversation",
                    ),
                ),
                (
                    "endpoint",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="playground.endpoint",
                    ),
                ),
                ("awaited_limit", models.UUIDField(null=True)),
                ("awaited_words", models.TextField(blank=True, db_default="", default="")),
                ("is_wait_personal", models.BooleanField(db_default=False, default=False)),
                ("not_before", models.DateTimeField(null=True)),
                ("waits_since", models.DateTimeField(null=True)),
            ],
            options={
                "ordering": ["position", "pk"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("author", "idempotency_key"), name="one_queued_prompt_per_send"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Cell",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("case_number", models.PositiveIntegerField()),
                ("repetition", models.PositiveSmallIntegerField(default=1)),
                ("values", models.JSONField(blank=True, default=dict)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "Waiting"),
                            ("running", "Running"),
                            ("judging", "Being judged"),
                            ("passed", "Passed"),
                            ("failed", "Failed"),
                            ("undecided", "No verdict"),
                            ("unchecked", "Not checked"),
                            ("error", "Error"),
                        ],
                        default="waiting",
                        max_length=10,
                    ),
                ),
                ("attempt", models.PositiveSmallIntegerField(default=0)),
                ("outcomes", models.JSONField(blank=True, default=list)),
                ("error", models.TextField(blank=True)),
                ("usd", models.DecimalField(decimal_places=9, default=Decimal("0"), max_digits=16)),
                ("judge_usd", models.DecimalField(decimal_places=9, default=Decimal("0"), max_digits=16)),
                ("earlier_usd", models.DecimalField(decimal_places=9, default=Decimal("0"), max_digits=16)),
                ("seconds", models.FloatField(blank=True, null=True)),
                (
                    "judge_run",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="judged_cell",
                        to="chat.run",
                    ),
                ),
                (
                    "run",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="cell",
                        to="chat.run",
                    ),
                ),
                (
                    "experiment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="cells",
                        to="chat.experiment",
                    ),
                ),
                (
                    "variant",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="cells", to="chat.variant"
                    ),
                ),
                ("folded", models.TextField(blank=True, db_default="", default="", editable=False)),
                (
                    "letters",
                    models.CharField(blank=True, db_default="", default="", editable=False, max_length=40),
                ),
            ],
            options={
                "ordering": ["case_number", "variant_id", "repetition"],
                "indexes": [
                    models.Index(fields=["experiment", "case_number"], name="cells_by_case"),
                    models.Index(
                        condition=models.Q(("state__in", ["running", "judging"])),
                        fields=["state"],
                        name="open_cells",
                    ),
                    models.Index(
                        fields=["experiment", "state", "case_number", "variant", "repetition"],
                        name="cells_by_state",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("variant", "case_number", "repetition"), name="one_cell_each"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="AnswerChoice",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("code", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("note", models.CharField(blank=True, max_length=500)),
                ("was_blind", models.BooleanField()),
                ("provider_code", models.CharField(max_length=80)),
                ("model_id", models.CharField(max_length=200)),
                ("among", models.JSONField(default=list)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                (
                    "comparison",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="answer_choices",
                        to="chat.conversation",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "workspace",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="answer_choices",
                        to="accounts.workspace",
                    ),
                ),
            ],
            options={
                "ordering": ["-created_at", "-pk"],
            },
        ),
        migrations.CreateModel(
            name="Snapshot",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("code", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("token_hash", models.CharField(max_length=64, unique=True)),
                ("title", models.CharField(max_length=120)),
                ("content", models.JSONField(blank=True, default=dict)),
                ("parts", models.JSONField(blank=True, default=list)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ("expires_at", models.DateTimeField()),
                ("revoked_at", models.DateTimeField(blank=True, null=True)),
                (
                    "conversation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="snapshots",
                        to="chat.conversation",
                    ),
                ),
                (
                    "made_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "workspace",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="snapshots",
                        to="accounts.workspace",
                    ),
                ),
            ],
            options={
                "ordering": ["-pk"],
                "indexes": [
                    models.Index(
                        condition=models.Q(("revoked_at__isnull", True)),
                        fields=["workspace", "expires_at"],
                        name="snapshots_not_revoked",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="StoredFile",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("code", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("content", models.UUIDField(db_index=True, default=uuid.uuid4, editable=False)),
                ("place", models.PositiveSmallIntegerField(default=0)),
                (
                    "kind",
                    models.CharField(
                        choices=[("image", "Image"), ("file", "File"), ("audio", "Audio")], max_length=5
                    ),
                ),
                ("media_type", models.CharField(blank=True, max_length=80)),
                ("name", models.CharField(max_length=120)),
                ("byte_size", models.PositiveBigIntegerField(default=0)),
                ("address", models.TextField(blank=True)),
                ("width", models.PositiveIntegerField(blank=True, null=True)),
                ("height", models.PositiveIntegerField(blank=True, null=True)),
                ("seconds", models.FloatField(blank=True, null=True)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                (
                    "message",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="files",
                        to="chat.message",
                    ),
                ),
                (
                    "uploader",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "workspace",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="files",
                        to="accounts.workspace",
                    ),
                ),
                (
                    "run",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="files",
                        to="chat.run",
                    ),
                ),
                ("encoding", models.CharField(blank=True, db_default="", default="", max_length=20)),
                ("has_original", models.BooleanField(db_default=False, default=False)),
                (
                    "queued",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="files",
                        to="chat.queuedprompt",
                    ),
                ),
                (
                    "snapshot",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="files",
                        to="chat.snapshot",
                    ),
                ),
            ],
            options={
                "ordering": ["place", "pk"],
                "indexes": [
                    models.Index(
                        condition=models.Q(("message__isnull", True)),
                        fields=["created_at"],
                        name="unsent_files_by_age",
                    )
                ],
            },
        ),
    ]
