import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    # A new database gets its tables in one step; one of an earlier version goes on where it is.
    replaces = [
        ("playground", "0001_initial"),
        ("playground", "0002_provider_setting"),
        ("playground", "0003_refusals_of_workspaces"),
        ("playground", "0004_endpoint_kinds_without_choices"),
        ("playground", "0005_extra_parameters_of_providers"),
        ("playground", "0006_prices_from_lists"),
        ("playground", "0007_more_endpoints_of_providers"),
        ("playground", "0008_announced_ends"),
        ("playground", "0009_list_prices_of_vendors"),
        ("playground", "0010_costs_with_their_basis"),
        ("playground", "0011_models_for_groups"),
        ("playground", "0012_labels_of_keys"),
    ]

    initial = True

    dependencies = [
        ("accounts", "0029_several_keys"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Provider",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("code", models.SlugField(max_length=80, unique=True)),
                ("name", models.CharField(max_length=80)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("demo", "Built-in demo"),
                            ("aimlapi", "AI/ML API"),
                            ("openai", "OpenAI-compatible"),
                        ],
                        default="openai",
                        max_length=10,
                    ),
                ),
                ("base_url", models.URLField(blank=True, max_length=300)),
                ("needs_key", models.BooleanField(default=True)),
                ("is_enabled", models.BooleanField(default=True)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                (
                    "workspace",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="providers",
                        to="accounts.workspace",
                    ),
                ),
                ("more_kinds", models.JSONField(blank=True, default=list)),
            ],
        ),
        migrations.CreateModel(
            name="UpstreamModel",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("model_id", models.CharField(max_length=200)),
                ("aliases", models.JSONField(blank=True, default=list)),
                ("name", models.CharField(max_length=120)),
                ("developer", models.CharField(blank=True, max_length=80)),
                ("description", models.CharField(blank=True, max_length=300)),
                ("context_length", models.PositiveIntegerField(blank=True, null=True)),
                ("output_max", models.PositiveIntegerField(blank=True, null=True)),
                ("capabilities", models.JSONField(blank=True, default=list)),
                ("input_price", models.DecimalField(blank=True, decimal_places=4, max_digits=16, null=True)),
                ("output_price", models.DecimalField(blank=True, decimal_places=4, max_digits=16, null=True)),
                ("suggestions", models.JSONField(blank=True, default=list)),
                ("released_on", models.DateField(blank=True, null=True)),
                ("docs_url", models.URLField(blank=True, max_length=300)),
                ("is_enabled", models.BooleanField(default=True)),
                ("is_offered", models.BooleanField(default=False)),
                ("is_retired", models.BooleanField(default=False)),
                ("retired_because", models.CharField(blank=True, max_length=300)),
                ("position", models.PositiveIntegerField(default=1000)),
                (
                    "provider",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="models",
                        to="playground.provider",
                    ),
                ),
                ("has_listed_price", models.BooleanField(default=False)),
                ("ends_on", models.DateField(blank=True, null=True)),
                ("successor", models.CharField(blank=True, db_default="", default="", max_length=200)),
                ("list_price_of", models.CharField(blank=True, db_default="", default="", max_length=60)),
                ("list_price_on", models.DateField(blank=True, null=True)),
                (
                    "cache_read_price",
                    models.DecimalField(blank=True, decimal_places=4, max_digits=16, null=True),
                ),
                (
                    "cache_write_price",
                    models.DecimalField(blank=True, decimal_places=4, max_digits=16, null=True),
                ),
                (
                    "reasoning_price",
                    models.DecimalField(blank=True, decimal_places=4, max_digits=16, null=True),
                ),
            ],
            options={
                "ordering": ["position", "model_id"],
                "constraints": [
                    models.UniqueConstraint(fields=("provider", "model_id"), name="one_model_id_each")
                ],
            },
        ),
        migrations.CreateModel(
            name="Endpoint",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("kind", models.CharField(default="chat/completions", max_length=20)),
                ("request_schema", models.JSONField()),
                ("schema_digest", models.CharField(max_length=64)),
                ("source", models.CharField(default="bundled", max_length=200)),
                ("imported_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "model",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="endpoints",
                        to="playground.upstreammodel",
                    ),
                ),
                ("is_enabled", models.BooleanField(default=True)),
            ],
            options={
                "ordering": ["kind"],
                "constraints": [models.UniqueConstraint(fields=("model", "kind"), name="one_endpoint_each")],
            },
        ),
        migrations.CreateModel(
            name="SchemaChange",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("before", models.CharField(max_length=64)),
                ("after", models.CharField(max_length=64)),
                ("added", models.JSONField(default=list)),
                ("removed", models.JSONField(default=list)),
                ("altered", models.JSONField(default=list)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "endpoint",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="changes",
                        to="playground.endpoint",
                    ),
                ),
            ],
            options={
                "ordering": ["pk"],
            },
        ),
        migrations.CreateModel(
            name="ModelSetting",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("is_enabled", models.BooleanField(default=True)),
                ("is_listed", models.BooleanField(default=True)),
                ("name", models.CharField(blank=True, max_length=120)),
                ("input_price", models.DecimalField(blank=True, decimal_places=4, max_digits=16, null=True)),
                ("output_price", models.DecimalField(blank=True, decimal_places=4, max_digits=16, null=True)),
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
                        default="viewer",
                        max_length=10,
                    ),
                ),
                (
                    "workspace",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="model_settings",
                        to="accounts.workspace",
                    ),
                ),
                (
                    "model",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="settings",
                        to="playground.upstreammodel",
                    ),
                ),
                (
                    "cache_read_price",
                    models.DecimalField(blank=True, decimal_places=4, max_digits=16, null=True),
                ),
                (
                    "cache_write_price",
                    models.DecimalField(blank=True, decimal_places=4, max_digits=16, null=True),
                ),
                ("groups", models.ManyToManyField(blank=True, related_name="+", to="accounts.group")),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("workspace", "model"), name="one_setting_each")
                ],
            },
        ),
        migrations.CreateModel(
            name="FavouriteModel",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="favourite_models",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "model",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="favourites",
                        to="playground.upstreammodel",
                    ),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("user", "model"), name="one_favourite_each")],
            },
        ),
        migrations.CreateModel(
            name="CatalogueSync",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[("running", "Running"), ("finished", "Finished"), ("failed", "Failed")],
                        default="running",
                        max_length=10,
                    ),
                ),
                ("done", models.PositiveIntegerField(default=0)),
                ("total", models.PositiveIntegerField(default=0)),
                ("etag", models.CharField(blank=True, max_length=200)),
                ("report", models.JSONField(default=dict)),
                ("error", models.CharField(blank=True, max_length=500)),
                ("started_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("beat_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("finished_at", models.DateTimeField(blank=True, null=True)),
                (
                    "started_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "provider",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="syncs",
                        to="playground.provider",
                    ),
                ),
            ],
            options={
                "ordering": ["-pk"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("state", "running")),
                        fields=("provider",),
                        name="one_running_sync_each",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="ProviderSetting",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("places", models.PositiveIntegerField(blank=True, null=True)),
                (
                    "provider",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="settings",
                        to="playground.provider",
                    ),
                ),
                (
                    "workspace",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="provider_settings",
                        to="accounts.workspace",
                    ),
                ),
                ("extra_parameters", models.JSONField(blank=True, default=dict)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("workspace", "provider"), name="one_provider_setting_each"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="RefusedParameter",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=100)),
                ("message", models.CharField(blank=True, max_length=500)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "endpoint",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="refused_parameters",
                        to="playground.endpoint",
                    ),
                ),
                (
                    "workspace",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="accounts.workspace"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("workspace", "endpoint", "name"), name="one_refusal_each")
                ],
            },
        ),
    ]
