import chat.models.folded
import django.db.models.deletion
import django.utils.timezone
import uuid
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
    ]

    initial = True

    dependencies = [
        ("accounts", "0001_squashed_0003_balances_of_keys"),
        ("playground", "0001_squashed_0008_announced_ends"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Conversation",
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
                ("prompt_text", models.TextField(blank=True, db_default="", default="")),
                ("is_streamed", models.BooleanField(db_default=True, default=True)),
                ("reports_usage", models.BooleanField(db_default=True, default=True)),
                ("code", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                (
                    "workspace_access",
                    models.CharField(
                        choices=[("none", "No access"), ("read", "Can read"), ("write", "Can write")],
                        default="none",
                        max_length=10,
                    ),
                ),
                ("title", models.CharField(max_length=120)),
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
                ("is_title_chosen", models.BooleanField(db_default=False, default=False)),
                ("system_prompt_count", models.PositiveIntegerField(db_default=0, default=0)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ("updated_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("deleted_at", models.DateTimeField(blank=True, editable=False, null=True)),
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
            ],
            options={
                "ordering": ["-updated_at", "-pk"],
            },
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
                ("provider_code", models.CharField(blank=True, db_default="", default="", max_length=80)),
                ("model_id", models.CharField(blank=True, db_default="", default="", max_length=200)),
                ("is_edited", models.BooleanField(db_default=False, default=False)),
                ("is_example", models.BooleanField(db_default=False, default=False)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
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
                    "copied_from",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="chat.message",
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
                ("is_streamed", models.BooleanField(db_default=True, default=True)),
                ("references", models.JSONField(blank=True, default=list)),
                ("prefill", models.TextField(blank=True, db_default="", default="")),
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
                ("unreadable_pieces", models.PositiveIntegerField(default=0)),
                ("error", models.JSONField(blank=True, null=True)),
                ("usage", models.JSONField(blank=True, null=True)),
                ("input_tokens", models.PositiveBigIntegerField(blank=True, null=True)),
                ("output_tokens", models.PositiveBigIntegerField(blank=True, null=True)),
                ("are_tokens_estimated", models.BooleanField(default=False)),
                ("reasoning_tokens", models.PositiveBigIntegerField(blank=True, null=True)),
                ("credits", models.PositiveBigIntegerField(blank=True, null=True)),
                ("usd", models.DecimalField(blank=True, decimal_places=9, max_digits=16, null=True)),
                ("is_cost_estimated", models.BooleanField(default=False)),
                ("background_id", models.CharField(blank=True, db_default="", default="", max_length=200)),
                ("reported", models.JSONField(blank=True, null=True)),
                ("inference_id", models.CharField(blank=True, max_length=128)),
                ("result", models.JSONField(blank=True, null=True)),
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
                    "title_of",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="title_run",
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
                        related_name="runs",
                        to="accounts.workspace",
                    ),
                ),
            ],
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
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="accounts.membership",
                    ),
                ),
            ],
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
                ("encoding", models.CharField(blank=True, db_default="", default="", max_length=20)),
                ("has_original", models.BooleanField(db_default=False, default=False)),
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
                    "run",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="files",
                        to="chat.run",
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
            ],
            options={
                "ordering": ["place", "pk"],
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
                (
                    "conversation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="system_prompts",
                        to="chat.conversation",
                    ),
                ),
            ],
            options={
                "ordering": ["conversation", "number"],
            },
        ),
        migrations.AddField(
            model_name="message",
            name="system_prompt",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="chat.systemprompt",
            ),
        ),
        migrations.AddField(
            model_name="conversation",
            name="system_prompt",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="chat.systemprompt",
            ),
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
            ],
            options={
                "ordering": ["name"],
                "abstract": False,
            },
        ),
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
                ("prompt_text", models.TextField(blank=True, db_default="", default="")),
                ("is_streamed", models.BooleanField(db_default=True, default=True)),
                ("reports_usage", models.BooleanField(db_default=True, default=True)),
                ("last_chat", models.JSONField(blank=True, default=dict)),
                ("system_text", models.TextField(blank=True, db_default="", default="")),
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
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("user", "workspace"), name="one_draft_each")],
            },
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
            ],
            options={
                "ordering": ["name"],
                "abstract": False,
                "constraints": [
                    models.UniqueConstraint(fields=("workspace", "name"), name="one_output_schema_of_a_name")
                ],
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
        migrations.AddIndex(
            model_name="run",
            index=models.Index(
                condition=models.Q(("status__in", ["queued", "running"])),
                fields=["lease_expires_at"],
                name="live_runs_by_lease",
            ),
        ),
        migrations.AddIndex(
            model_name="run",
            index=models.Index(fields=["status", "provider_code"], name="runs_by_status"),
        ),
        migrations.AddIndex(
            model_name="run",
            index=models.Index(fields=["started_at"], name="runs_by_start"),
        ),
        migrations.AddConstraint(
            model_name="run",
            constraint=models.UniqueConstraint(fields=("user", "idempotency_key"), name="one_run_per_send"),
        ),
        migrations.AddConstraint(
            model_name="run",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("answer__isnull", True), ("conversation__isnull", True)),
                    models.Q(("answer__isnull", False), ("conversation__isnull", False)),
                    _connector="OR",
                ),
                name="conversation_and_answer_or_neither",
            ),
        ),
        migrations.AddConstraint(
            model_name="exchange",
            constraint=models.UniqueConstraint(fields=("run", "number"), name="one_exchange_each"),
        ),
        migrations.AddConstraint(
            model_name="runchunk",
            constraint=models.UniqueConstraint(fields=("run", "seq"), name="one_chunk_each"),
        ),
        migrations.AddConstraint(
            model_name="share",
            constraint=models.UniqueConstraint(fields=("conversation", "member"), name="one_share_each"),
        ),
        migrations.AddIndex(
            model_name="storedfile",
            index=models.Index(
                condition=models.Q(("message__isnull", True)),
                fields=["created_at"],
                name="unsent_files_by_age",
            ),
        ),
        migrations.AddConstraint(
            model_name="systemprompt",
            constraint=models.UniqueConstraint(
                fields=("conversation", "number"), name="one_system_prompt_each"
            ),
        ),
        migrations.AddIndex(
            model_name="conversation",
            index=models.Index(fields=["workspace", "-updated_at"], name="conversations_by_time"),
        ),
        migrations.AddIndex(
            model_name="conversation",
            index=models.Index(fields=["workspace", "owner", "-updated_at"], name="conversations_of_owner"),
        ),
        migrations.AddIndex(
            model_name="conversation",
            index=models.Index(
                fields=["workspace", "workspace_access", "-updated_at"], name="conversations_shared"
            ),
        ),
        migrations.AddIndex(
            model_name="conversation",
            index=models.Index(
                condition=models.Q(("deleted_at__isnull", False)),
                fields=["deleted_at"],
                name="deleted_conversations",
            ),
        ),
        migrations.AddConstraint(
            model_name="tool",
            constraint=models.UniqueConstraint(fields=("workspace", "name"), name="one_tool_of_a_name"),
        ),
    ]
