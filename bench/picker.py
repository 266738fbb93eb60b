"""Time and size of the playground's page with 500 models, and of the list that its picker fetches.

python -m bench.picker
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

from bench.figures import report
from bench.processes import environment, run

if TYPE_CHECKING:
    from django.test import Client

    from accounts.models import User, Workspace
    from playground.models import UpstreamModel

_MODELS = 500
_MAKERS = 24


def main(words: list[str] | None = None) -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--times", type=int, default=30, help="how often each page is asked for")
    arguments.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    given = arguments.parse_args(words)
    if given.inside:
        measure(given.times)
        return
    with tempfile.TemporaryDirectory() as folder:
        # The settings read the data folder when they are loaded, so this needs a new process.
        variables = environment(DATA_DIR=str(Path(folder) / "data"))
        run(["manage.py", "prepare"], variables)
        print(run(["-m", "bench.picker", "--inside", "--times", str(given.times)], variables), end="")


def measure(times: int) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "playground.settings")
    import django

    django.setup()
    from django.urls import reverse

    client, slug = populate()
    for name, url in (
        ("page", reverse("chat:new", args=[slug])),
        ("list", reverse("chat:picker", args=[slug])),
        ("settings", reverse("playground:models", args=[slug])),
    ):
        took, size = asked(client, url, times)
        report(f"picker.{name}_{_MODELS}_models_ms", took, "ms")
        if name == "list":
            report(f"picker.{name}_{_MODELS}_models_kb", size / 1000, "kB")


def asked(client: Client, url: str, times: int) -> tuple[float, int]:
    """Return the median time of a warm server in milliseconds, and the size of its answer in bytes."""
    took = []
    for _ in range(times + 3):
        started = time.perf_counter()
        answer = client.get(url)
        took.append((time.perf_counter() - started) * 1000)
        if answer.status_code != 200:
            raise SystemExit(f"{url} answered {answer.status_code}.")
    return median(took[3:]), len(answer.content)


def populate() -> tuple[Client, str]:
    """Make a workspace with a provider of 500 realistic models; return its owner's client and the URL."""
    from django.conf import settings
    from django.test import Client

    from accounts.models import Membership, Role, User, Workspace
    from playground.models import Provider, UpstreamModel

    settings.ALLOWED_HOSTS = ["*"]
    Provider.objects.update(is_enabled=False)
    workspace = Workspace.objects.create(slug="picker", name="Picker")
    owner = User.objects.create_user("picker@example.org", None, name="Picker")
    Membership.objects.create(workspace=workspace, user=owner, role=Role.OWNER)
    provider = Provider.objects.create(code="picker", name="Picker", workspace=workspace, needs_key=False)
    models = UpstreamModel.objects.bulk_create(_model(provider.pk, number) for number in range(_MODELS))
    _add_endpoints(models)
    _decide(workspace, owner, models)
    client = Client()
    client.force_login(owner, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client, workspace.slug


def _model(provider: int, number: int) -> UpstreamModel:
    from playground.models import UpstreamModel

    can = ["reasoning", "vision", "audio", "files", "tools", "structured_output", "web_search"]
    maker = f"Maker {number % _MAKERS}"
    return UpstreamModel(
        provider_id=provider,
        model_id=f"maker-{number % _MAKERS}/model-{number}-instruct-2512",
        aliases=[f"model-{number}", f"model-{number}-latest"],
        name=f"Model {number} Instruct",
        developer=maker,
        description="What it is good at, in a sentence of an ordinary length for such a text.",
        context_length=(32_000, 128_000, 262_144, 1_000_000)[number % 4],
        output_max=8192 * (1 + number % 4),
        capabilities=can[number % 3 :: 2],
        input_price=100_000 + number * 1000,
        output_price=400_000 + number * 4000,
    )


def _add_endpoints(models: list[UpstreamModel]) -> None:
    from playground.catalogue.generic import digest, generic_schema
    from playground.models import Endpoint

    kinds = ("chat/completions", "responses")
    Endpoint.objects.bulk_create(
        (
            Endpoint(model=model, kind=kind, request_schema=generic_schema(), schema_digest=digest())
            for model in models
            for kind in kinds
        ),
        batch_size=100,
    )


def _decide(workspace: Workspace, owner: User, models: list[UpstreamModel]) -> None:
    """Rename, price and hide some of the models, and make some favourites."""
    from playground.models import FavouriteModel, ModelSetting

    ModelSetting.objects.bulk_create(
        ModelSetting(
            workspace=workspace, model=model, name=f"Our {model.name}", input_price=1, output_price=2
        )
        for model in models[::5]
    )
    FavouriteModel.objects.bulk_create(FavouriteModel(user=owner, model=model) for model in models[::50])


if __name__ == "__main__":
    main()
