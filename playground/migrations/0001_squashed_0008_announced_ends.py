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
    ]

    initial = True

    dependencies = [
        ("accounts", "0001_squashed_0003_balances_of_keys"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
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
                ("is_enabled", models.BooleanField(default=True)),
                ("imported_at", models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                "ordering": ["kind"],
            },
        ),
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
                ("more_kinds", models.JSONField(blank=True, default=list)),
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
            ],
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
                ("has_listed_price", models.BooleanField(default=False)),
                ("suggestions", models.JSONField(blank=True, default=list)),
                ("released_on", models.DateField(blank=True, null=True)),
                ("docs_url", models.URLField(blank=True, max_length=300)),
                ("is_enabled", models.BooleanField(default=True)),
                ("is_offered", models.BooleanField(default=False)),
                ("is_retired", models.BooleanField(default=False)),
                ("retired_because", models.CharField(blank=True, max_length=300)),
                ("ends_on", models.DateField(blank=True, null=True)),
                ("successor", models.CharField(blank=True, db_default="", default="", max_length=200)),
                ("position", models.PositiveIntegerField(default=1000)),
                (
                    "provider",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="models",
                        to="playground.provider",
                    ),
                ),
            ],
            options={
                "ordering": ["position", "model_id"],
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
            ],
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
        ),
        migrations.AddField(
            model_name="endpoint",
            name="model",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="endpoints",
                to="playground.upstreammodel",
            ),
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
                ("extra_parameters", models.JSONField(blank=True, default=dict)),
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
        migrations.AddConstraint(
            model_name="upstreammodel",
            constraint=models.UniqueConstraint(fields=("provider", "model_id"), name="one_model_id_each"),
        ),
        migrations.AddConstraint(
            model_name="modelsetting",
            constraint=models.UniqueConstraint(fields=("workspace", "model"), name="one_setting_each"),
        ),
        migrations.AddConstraint(
            model_name="favouritemodel",
            constraint=models.UniqueConstraint(fields=("user", "model"), name="one_favourite_each"),
        ),
        migrations.AddConstraint(
            model_name="endpoint",
            constraint=models.UniqueConstraint(fields=("model", "kind"), name="one_endpoint_each"),
        ),
    ]
