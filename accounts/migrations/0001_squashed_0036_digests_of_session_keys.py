import accounts.models.limit
import django.db.models.deletion
import django.utils.timezone
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    # A new database gets its tables in one step; one of an earlier version goes on where it is.
    replaces = [
        ("accounts", "0001_initial"),
        ("accounts", "0002_purposes_of_runs"),
        ("accounts", "0003_balances_of_keys"),
        ("accounts", "0004_sums_of_days"),
        ("accounts", "0005_groups"),
        ("accounts", "0006_notices"),
        ("accounts", "0007_costs_with_their_basis"),
        ("accounts", "0008_models_without_a_price"),
        ("accounts", "0009_scopes_of_limits"),
        ("accounts", "0010_counts_of_tokens"),
        ("accounts", "0011_marks_of_notices"),
        ("accounts", "0012_corrections"),
        ("accounts", "0013_shorter_answers"),
        ("accounts", "0014_charges_of_providers"),
        ("accounts", "0015_requests_for_raises"),
        ("accounts", "0016_notes_of_charge_checks"),
        ("accounts", "0017_limits_refuse_at_once"),
        ("accounts", "0018_capped_keys"),
        ("accounts", "0019_corrected_estimates"),
        ("accounts", "0020_limits_let_wait"),
        ("accounts", "0021_day_sums_by_day_and_user"),
        ("accounts", "0022_limits_of_batches"),
        ("accounts", "0023_audit_events"),
        ("accounts", "0024_workspace_icons"),
        ("accounts", "0025_browser_sessions"),
        ("accounts", "0026_notices_of_security"),
        ("accounts", "0027_public_links"),
        ("accounts", "0028_deleted_workspaces"),
        ("accounts", "0029_several_keys"),
        ("accounts", "0030_workspaces_require_factors"),
        ("accounts", "0031_content_rules"),
        ("accounts", "0032_notices_of_keys"),
        ("accounts", "0033_keys_of_the_environment"),
        ("accounts", "0034_invitations_of_addresses"),
        ("accounts", "0035_temporary_chats"),
        ("accounts", "0036_digests_of_session_keys"),
    ]

    initial = True

    dependencies = [
        ("auth", "0012_alter_user_first_name_max_length"),
        ("sessions", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Workspace",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("slug", models.SlugField(max_length=60, unique=True)),
                ("name", models.CharField(max_length=80)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ("low_keys", models.JSONField(blank=True, null=True)),
                ("unpriced", models.JSONField(blank=True, null=True)),
                ("time_zone", models.CharField(db_default="UTC", default="UTC", max_length=60)),
                ("week_starts_on", models.PositiveSmallIntegerField(db_default=0, default=0)),
                ("shortens_answers", models.BooleanField(db_default=True, default=True)),
                ("audit_days", models.PositiveIntegerField(blank=True, null=True)),
                (
                    "colour",
                    models.CharField(
                        choices=[
                            ("green", "Green"),
                            ("blue", "Blue"),
                            ("violet", "Violet"),
                            ("pink", "Pink"),
                            ("amber", "Amber"),
                            ("grey", "Grey"),
                        ],
                        db_default="green",
                        default="green",
                        max_length=10,
                    ),
                ),
                ("icon", models.CharField(blank=True, db_default="", default="", max_length=20)),
                ("allows_public_links", models.BooleanField(db_default=False, default=False)),
                ("deleted_at", models.DateTimeField(blank=True, editable=False, null=True)),
                ("purged_at", models.DateTimeField(blank=True, editable=False, null=True)),
                ("requires_factor", models.BooleanField(db_default=False, default=False)),
                ("conversation_days", models.PositiveIntegerField(blank=True, null=True)),
                ("keeps_pinned", models.BooleanField(db_default=True, default=True)),
                ("raw_days", models.PositiveIntegerField(blank=True, null=True)),
                ("allows_temporary", models.BooleanField(db_default=True, default=True)),
                ("temporary_hours", models.PositiveIntegerField(db_default=24, default=24)),
            ],
        ),
        migrations.CreateModel(
            name="User",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("password", models.CharField(max_length=128, verbose_name="password")),
                ("last_login", models.DateTimeField(blank=True, null=True, verbose_name="last login")),
                (
                    "is_superuser",
                    models.BooleanField(
                        default=False,
                        help_text="Designates that this user has all permissions without explicitly assigning them.",
                        verbose_name="superuser status",
                    ),
                ),
                ("email", models.EmailField(max_length=254, unique=True)),
                ("name", models.CharField(blank=True, max_length=120)),
                ("is_active", models.BooleanField(default=True)),
                ("is_staff", models.BooleanField(default=False)),
                ("date_joined", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                (
                    "groups",
                    models.ManyToManyField(
                        blank=True,
                        help_text="The groups this user belongs to. A user will get all permissions granted to each of their groups.",
                        related_name="user_set",
                        related_query_name="user",
                        to="auth.group",
                        verbose_name="groups",
                    ),
                ),
                (
                    "user_permissions",
                    models.ManyToManyField(
                        blank=True,
                        help_text="Specific permissions for this user.",
                        related_name="user_set",
                        related_query_name="user",
                        to="auth.permission",
                        verbose_name="user permissions",
                    ),
                ),
                (
                    "last_workspace",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="accounts.workspace",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="Membership",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "role",
                    models.CharField(
                        choices=[
                            ("owner", "Owner"),
                            ("admin", "Admin"),
                            ("member", "Member"),
                            ("viewer", "Viewer"),
                        ],
                        default="member",
                        max_length=10,
                    ),
                ),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="memberships",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "workspace",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="memberships",
                        to="accounts.workspace",
                    ),
                ),
                ("unread", models.PositiveIntegerField(db_default=0, default=0)),
                ("is_suspended", models.BooleanField(db_default=False, default=False)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("workspace", "user"), name="one_membership_each")
                ],
            },
        ),
        migrations.CreateModel(
            name="LedgerEntry",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("run_code", models.UUIDField()),
                ("provider_code", models.CharField(max_length=80)),
                ("model_id", models.CharField(max_length=200)),
                ("credits", models.BigIntegerField()),
                ("usd", models.DecimalField(decimal_places=9, max_digits=16, null=True)),
                ("tokens", models.BigIntegerField()),
                ("input_tokens", models.BigIntegerField(default=0)),
                ("output_tokens", models.BigIntegerField(default=0)),
                ("requests", models.BigIntegerField(default=1)),
                (
                    "source",
                    models.CharField(
                        choices=[
                            ("reported", "as the upstream reported"),
                            ("priced", "tokens times price"),
                            ("estimated", "tokens times an assumed price, or tokens that were counted here"),
                            ("correction", "a correction"),
                        ],
                        max_length=10,
                    ),
                ),
                ("held_at", models.DateTimeField(editable=False)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
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
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="ledger",
                        to="accounts.workspace",
                    ),
                ),
                (
                    "purpose",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("title", "Title"),
                            ("case", "Test case"),
                            ("judge", "Judge"),
                            ("outside", "Not asked here"),
                        ],
                        db_default="",
                        default="",
                        max_length=10,
                    ),
                ),
                ("basis", models.JSONField(blank=True, null=True)),
                ("key_code", models.CharField(db_default="", default="", max_length=36)),
                (
                    "corrected_by",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("number", models.PositiveSmallIntegerField(db_default=0, default=0)),
                ("reason", models.CharField(blank=True, db_default="", default="", max_length=300)),
                ("inference_id", models.CharField(blank=True, db_default="", default="", max_length=128)),
            ],
            options={
                "verbose_name_plural": "ledger entries",
                "indexes": [
                    models.Index(fields=["workspace", "held_at"], name="ledger_by_time"),
                    models.Index(fields=["workspace", "user", "held_at"], name="ledger_by_user_and_time"),
                    models.Index(
                        condition=models.Q(("inference_id", ""), _negated=True),
                        fields=["inference_id"],
                        name="ledger_by_inference_id",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("run_code", "number"), name="one_entry_each")
                ],
            },
        ),
        migrations.CreateModel(
            name="DaySum",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("day", models.DateField()),
                ("provider_code", models.CharField(max_length=80)),
                ("model_id", models.CharField(max_length=200)),
                ("credits", models.BigIntegerField()),
                ("credits_without_usd", models.BigIntegerField()),
                ("usd_nanos", models.BigIntegerField()),
                ("tokens", models.BigIntegerField()),
                ("requests", models.BigIntegerField()),
                ("runs", models.BigIntegerField()),
                ("estimates", models.BigIntegerField()),
                (
                    "user",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "workspace",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.workspace",
                    ),
                ),
                ("input_tokens", models.BigIntegerField(db_default=0, default=0)),
                ("key_code", models.CharField(db_default="", default="", max_length=36)),
                ("output_tokens", models.BigIntegerField(db_default=0, default=0)),
            ],
            options={
                "indexes": [
                    models.Index(fields=["user", "workspace", "day"], name="day_sums_by_user"),
                    models.Index(fields=["workspace", "day", "user"], name="day_sums_by_day_and_user"),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("workspace", "day", "provider_code", "model_id", "user", "key_code"),
                        name="one_day_sum_each",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Group",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("code", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("name", models.CharField(max_length=60)),
                ("name_key", models.TextField(editable=False)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                (
                    "created_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("members", models.ManyToManyField(related_name="groups", to="accounts.membership")),
                (
                    "workspace",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="groups",
                        to="accounts.workspace",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("workspace", "name_key"), name="one_group_of_a_name")
                ],
            },
        ),
        migrations.CreateModel(
            name="Invitation",
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
                            ("owner", "Owner"),
                            ("admin", "Admin"),
                            ("member", "Member"),
                            ("viewer", "Viewer"),
                        ],
                        default="member",
                        max_length=10,
                    ),
                ),
                (
                    "note",
                    models.CharField(
                        blank=True, help_text="For whom, so that the list can be read.", max_length=120
                    ),
                ),
                ("token_hash", models.CharField(max_length=64, unique=True)),
                ("expires_at", models.DateTimeField()),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ("accepted_at", models.DateTimeField(blank=True, null=True)),
                ("revoked_at", models.DateTimeField(blank=True, null=True)),
                (
                    "accepted_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "created_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "workspace",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="invitations",
                        to="accounts.workspace",
                    ),
                ),
                ("email", models.EmailField(blank=True, db_default="", default="", max_length=254)),
                (
                    "groups",
                    models.ManyToManyField(blank=True, related_name="invitations", to="accounts.group"),
                ),
            ],
        ),
        migrations.CreateModel(
            name="ApiKey",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("code", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("provider_code", models.CharField(max_length=80)),
                ("token", models.TextField()),
                ("last4", models.CharField(max_length=4)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ("replaced_at", models.DateTimeField(blank=True, null=True)),
                ("last_used_at", models.DateTimeField(blank=True, null=True)),
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
                    "member",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="api_keys",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "workspace",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="api_keys",
                        to="accounts.workspace",
                    ),
                ),
                ("balance", models.JSONField(blank=True, null=True)),
                ("balance_asked_at", models.DateTimeField(blank=True, null=True)),
                ("balance_at", models.DateTimeField(blank=True, null=True)),
                ("low_threshold", models.PositiveBigIntegerField(blank=True, null=True)),
                ("expires_on", models.DateField(blank=True, null=True)),
                ("groups", models.ManyToManyField(blank=True, related_name="+", to="accounts.group")),
                ("is_enabled", models.BooleanField(db_default=True, default=True)),
                ("label", models.CharField(blank=True, db_default="", default="", max_length=80)),
                (
                    "lowest_role",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("owner", "Owner"),
                            ("admin", "Admin"),
                            ("member", "Member"),
                            ("viewer", "Viewer"),
                        ],
                        db_default="viewer",
                        default="viewer",
                        max_length=10,
                    ),
                ),
                ("model_patterns", models.JSONField(blank=True, default=list)),
                ("people", models.ManyToManyField(blank=True, related_name="+", to="accounts.membership")),
                (
                    "preferred_by",
                    models.ManyToManyField(blank=True, related_name="+", to="accounts.membership"),
                ),
                ("reminders", models.PositiveSmallIntegerField(db_default=0, default=0)),
                ("is_from_environment", models.BooleanField(db_default=False, default=False)),
            ],
            options={
                "indexes": [models.Index(fields=["workspace", "provider_code"], name="keys_of_providers")],
            },
        ),
        migrations.CreateModel(
            name="Limit",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("code", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                (
                    "unit",
                    models.CharField(
                        choices=[
                            ("usd", "US dollars"),
                            ("credits", "credits"),
                            ("tokens", "tokens"),
                            ("input_tokens", "input tokens"),
                            ("output_tokens", "output tokens"),
                            ("requests", "requests"),
                            ("concurrent", "requests at once"),
                        ],
                        max_length=14,
                    ),
                ),
                (
                    "period",
                    models.CharField(
                        choices=[
                            ("minute", "per minute"),
                            ("hour", "per hour"),
                            ("day", "per day"),
                            ("week", "per week"),
                            ("month", "per month"),
                            ("ever", "in total"),
                        ],
                        max_length=10,
                    ),
                ),
                ("amount", models.PositiveBigIntegerField()),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
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
                    "member",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="limits",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "workspace",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="limits",
                        to="accounts.workspace",
                    ),
                ),
                (
                    "api_key",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="limits",
                        to="accounts.apikey",
                    ),
                ),
                ("counts_each", models.BooleanField(db_default=False, default=False)),
                (
                    "group",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="limits",
                        to="accounts.group",
                    ),
                ),
                ("has_exempted", models.BooleanField(db_default=False, default=False)),
                ("is_soft", models.BooleanField(db_default=False, default=False)),
                ("model_pattern", models.CharField(blank=True, db_default="", default="", max_length=200)),
                ("notify_at", models.JSONField(blank=True, default=accounts.models.limit.usual_thresholds)),
                ("provider_code", models.CharField(blank=True, db_default="", default="", max_length=80)),
                (
                    "role",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("owner", "Owner"),
                            ("admin", "Admin"),
                            ("member", "Member"),
                            ("viewer", "Viewer"),
                        ],
                        db_default="",
                        default="",
                        max_length=10,
                    ),
                ),
                ("lets_wait", models.BooleanField(db_default=False, default=False)),
                ("batch", models.UUIDField(blank=True, editable=False, null=True, unique=True)),
            ],
        ),
        migrations.CreateModel(
            name="LimitWindow",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("starts_at", models.DateTimeField()),
                ("used", models.PositiveBigIntegerField(default=0)),
                ("held", models.PositiveBigIntegerField(default=0)),
                (
                    "limit",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="windows",
                        to="accounts.limit",
                    ),
                ),
                ("ends_at", models.DateTimeField(blank=True, null=True)),
                (
                    "member",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("notified", models.PositiveSmallIntegerField(db_default=0, default=0)),
                ("opened_with", models.PositiveBigIntegerField(blank=True, null=True)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("member__isnull", True)),
                        fields=("limit", "starts_at"),
                        name="one_window_each",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("member__isnull", False)),
                        fields=("limit", "member", "starts_at"),
                        name="one_window_of_a_member_each",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="MailChoice",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("kinds", models.JSONField(default=list)),
                (
                    "user",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="mail_choice",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Notice",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("code", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("limit_near", "A limit is nearly used up"),
                            ("limit_reached", "A limit is used up"),
                            ("raise_asked", "Somebody asks you to raise a limit"),
                            ("raise_answered", "Your request to raise a limit is answered"),
                            ("key_expires", "An API key is about to expire"),
                            ("mail_failed", "A mail could not be sent"),
                            ("security", "Your sign-in was changed"),
                        ],
                        max_length=20,
                    ),
                ),
                ("text", models.CharField(max_length=500)),
                ("link", models.CharField(max_length=300)),
                ("link_words", models.CharField(max_length=60)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ("read_at", models.DateTimeField(blank=True, null=True)),
                (
                    "recipient",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="notices",
                        to="accounts.membership",
                    ),
                ),
                ("about", models.CharField(blank=True, db_default="", default="", max_length=80)),
            ],
            options={
                "indexes": [models.Index(fields=["recipient", "-created_at"], name="notices_by_time")],
            },
        ),
        migrations.CreateModel(
            name="OutgoingMail",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("code", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("kind", models.CharField(max_length=20)),
                ("subject", models.CharField(max_length=300)),
                ("text", models.TextField()),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ("due_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("attempts", models.PositiveSmallIntegerField(default=0)),
                ("try_until", models.DateTimeField()),
                ("trouble", models.CharField(blank=True, max_length=200)),
                ("given_up_at", models.DateTimeField(blank=True, null=True)),
                (
                    "recipient",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="mails",
                        to="accounts.membership",
                    ),
                ),
                (
                    "invitation",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="mail",
                        to="accounts.invitation",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("given_up_at__isnull", True)),
                        fields=["due_at"],
                        name="mails_to_send",
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("recipient__isnull", True), ("invitation__isnull", True), _connector="XOR"
                        ),
                        name="one_addressee_each",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="LimitExemption",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "group",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="accounts.group",
                    ),
                ),
                (
                    "limit",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="exemptions",
                        to="accounts.limit",
                    ),
                ),
                (
                    "member",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("member__isnull", False)),
                        fields=("limit", "member"),
                        name="one_exemption_of_a_member",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("group__isnull", False)),
                        fields=("limit", "group"),
                        name="one_exemption_of_a_group",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="LimitRaise",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("code", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("amount", models.PositiveBigIntegerField()),
                ("ends_at", models.DateTimeField()),
                ("reason", models.CharField(blank=True, max_length=200)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
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
                    "limit",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="raises",
                        to="accounts.limit",
                    ),
                ),
                (
                    "member",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["limit", "ends_at"], name="raises_by_end")],
            },
        ),
        migrations.CreateModel(
            name="ChargeCheck",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("is_on", models.BooleanField(default=True)),
                ("checked_to", models.DateTimeField()),
                ("asked_at", models.DateTimeField(blank=True, null=True)),
                ("error", models.CharField(blank=True, max_length=500)),
                ("failures", models.PositiveSmallIntegerField(default=0)),
                ("requests", models.PositiveBigIntegerField(default=0)),
                ("credits", models.PositiveBigIntegerField(default=0)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                (
                    "api_key",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="charge_check",
                        to="accounts.apikey",
                    ),
                ),
                (
                    "workspace",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="charge_checks",
                        to="accounts.workspace",
                    ),
                ),
                ("note", models.CharField(blank=True, db_default="", default="", max_length=300)),
            ],
        ),
        migrations.CreateModel(
            name="ChargeDifference",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("code", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("provider_code", models.CharField(max_length=80)),
                ("key_code", models.CharField(max_length=36)),
                ("reference", models.CharField(max_length=128)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("cost", "Another cost"),
                            ("unknown", "Not asked here"),
                            ("missing", "Not charged"),
                        ],
                        max_length=10,
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[("open", "Open"), ("corrected", "Corrected"), ("dismissed", "Dismissed")],
                        default="open",
                        max_length=10,
                    ),
                ),
                ("at", models.DateTimeField()),
                ("model_id", models.CharField(blank=True, max_length=200)),
                ("run_code", models.UUIDField(blank=True, null=True)),
                ("inference_id", models.CharField(blank=True, max_length=128)),
                ("booked_credits", models.BigIntegerField(default=0)),
                ("charged_credits", models.BigIntegerField(default=0)),
                ("charged_usd", models.DecimalField(decimal_places=9, default=0, max_digits=16)),
                ("charged_input_tokens", models.BigIntegerField(default=0)),
                ("charged_output_tokens", models.BigIntegerField(default=0)),
                ("decided_at", models.DateTimeField(blank=True, null=True)),
                (
                    "decided_by",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "workspace",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="accounts.workspace",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["workspace", "state", "at"], name="charge_differences_by_time")
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("workspace", "provider_code", "reference"), name="one_charge_difference_each"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="RaiseRequest",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("code", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("needed", models.PositiveBigIntegerField()),
                ("note", models.CharField(blank=True, max_length=200)),
                (
                    "state",
                    models.CharField(
                        choices=[("open", "Open"), ("allowed", "Allowed"), ("declined", "Declined")],
                        default="open",
                        max_length=10,
                    ),
                ),
                ("asked_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ("answered_at", models.DateTimeField(blank=True, null=True)),
                (
                    "answered_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "limit",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="requests",
                        to="accounts.limit",
                    ),
                ),
                (
                    "member",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="raise_requests",
                        to="accounts.membership",
                    ),
                ),
                (
                    "raised",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="accounts.limitraise",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("state", "open")),
                        fields=("limit", "member"),
                        name="one_open_request_each",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="CappedKey",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("code", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("provider_code", models.CharField(max_length=80)),
                ("prefix", models.CharField(max_length=64)),
                ("name", models.CharField(max_length=100)),
                ("cap_usd", models.DecimalField(blank=True, decimal_places=6, max_digits=20, null=True)),
                ("period", models.CharField(blank=True, max_length=10)),
                ("used", models.DecimalField(blank=True, decimal_places=6, max_digits=20, null=True)),
                ("is_disabled", models.BooleanField(default=False)),
                ("is_missing", models.BooleanField(default=False)),
                ("reported_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                (
                    "api_key",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="capped",
                        to="accounts.apikey",
                    ),
                ),
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
                    "member",
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
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="accounts.workspace",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("workspace", "provider_code", "prefix"), name="one_capped_key_of_each_prefix"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="AuditEvent",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("code", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ("actor_name", models.CharField(blank=True, max_length=200)),
                ("action", models.CharField(max_length=40)),
                ("subject", models.CharField(blank=True, max_length=300)),
                ("subject_code", models.CharField(blank=True, max_length=80)),
                ("before", models.JSONField(blank=True, default=dict)),
                ("after", models.JSONField(blank=True, default=dict)),
                ("origin", models.CharField(blank=True, max_length=100)),
                ("words", models.TextField(blank=True)),
                (
                    "actor",
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
                        related_name="audit_events",
                        to="accounts.workspace",
                    ),
                ),
            ],
            options={
                "ordering": ["-pk"],
                "indexes": [models.Index(fields=["workspace", "-at", "-id"], name="audit_events_by_time")],
            },
        ),
        migrations.CreateModel(
            name="BrowserSession",
            fields=[
                (
                    "session_key",
                    models.CharField(
                        max_length=40, primary_key=True, serialize=False, verbose_name="session key"
                    ),
                ),
                ("session_data", models.TextField(verbose_name="session data")),
                ("expire_date", models.DateTimeField(db_index=True, verbose_name="expire date")),
                ("code", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ("seen_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("address", models.CharField(blank=True, max_length=100)),
                ("agent", models.CharField(blank=True, max_length=300)),
                (
                    "user",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="browser_sessions",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "session",
                "verbose_name_plural": "sessions",
                "abstract": False,
                "indexes": [models.Index(fields=["user", "-seen_at"], name="sessions_of_people")],
            },
        ),
        migrations.CreateModel(
            name="Hold",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("run_code", models.UUIDField(unique=True)),
                (
                    "state",
                    models.CharField(
                        choices=[("open", "Open"), ("settled", "Settled"), ("released", "Released")],
                        default="open",
                        max_length=10,
                    ),
                ),
                ("credits", models.PositiveBigIntegerField()),
                ("tokens", models.PositiveBigIntegerField()),
                ("requests", models.PositiveBigIntegerField(default=1)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ("closed_at", models.DateTimeField(blank=True, null=True)),
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
                        related_name="holds",
                        to="accounts.workspace",
                    ),
                ),
                ("input_tokens", models.PositiveBigIntegerField(db_default=0, default=0)),
                ("key_code", models.CharField(db_default="", default="", max_length=36)),
                ("model_id", models.CharField(db_default="", default="", max_length=200)),
                ("output_tokens", models.PositiveBigIntegerField(db_default=0, default=0)),
                ("provider_code", models.CharField(db_default="", default="", max_length=80)),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("state", "open")),
                        fields=["workspace", "created_at"],
                        name="open_holds_by_time",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="HoldPart",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("amount", models.PositiveBigIntegerField()),
                (
                    "hold",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="parts", to="accounts.hold"
                    ),
                ),
                (
                    "window",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="parts",
                        to="accounts.limitwindow",
                    ),
                ),
            ],
        ),
        migrations.AddField(
            model_name="hold",
            name="windows",
            field=models.ManyToManyField(through="accounts.HoldPart", to="accounts.limitwindow"),
        ),
    ]
