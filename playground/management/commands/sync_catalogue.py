from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts import keys
from accounts.models import ApiKey
from playground import clients
from playground.catalogue.load_bundled import provider_for
from playground.catalogue.sync import SyncFailed, synchronise
from playground.flows.sync_catalogue import claim_sync, run_sync
from playground.models import CatalogueSync, Provider, UpstreamModel


class Command(BaseCommand):
    help = "Bring the catalogue in line with the models that a provider lists, and with their documents."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--provider", default="aimlapi", metavar="CODE", help="default: aimlapi")
        parser.add_argument("--dry-run", action="store_true", help="read and report, write nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        provider = provider_for(options["provider"], save=not options["dry_run"])
        if provider is None or provider.kind == Provider.Type.DEMO:
            raise CommandError(f"There is no provider “{options['provider']}” to sync with.")
        key = keys.resolve(provider.workspace, None, provider.code) if provider.workspace else None
        report = self._try(provider, key) if options["dry_run"] else self._run(provider, key)
        if report.get("unchanged"):
            self.stdout.write("The list is the same as at the last sync.")
            current = UpstreamModel.objects.filter(provider=provider, is_offered=True, is_retired=False)
            report = {"models": current.count()}
        self._print(report)

    def _run(self, provider: Provider, key: ApiKey | None) -> dict[str, Any]:
        sync, is_new = claim_sync(provider, actor=None)
        if not is_new:
            raise CommandError(
                f"A sync with {provider} is running already, since {sync.started_at:%H:%M:%S} UTC. "
                "If its process is gone, try again in two minutes: it counts as dead by then."
            )
        run_sync(sync, key)
        if sync.state != CatalogueSync.State.FINISHED:
            raise CommandError(sync.error or "Another sync took over.")
        report: dict[str, Any] = sync.report
        return report

    def _try(self, provider: Provider, key: ApiKey | None) -> dict[str, Any]:
        try:
            with clients.model_list_reader(provider, key) as reader:
                report = synchronise(provider, reader, dry_run=True).report
        except SyncFailed as failure:
            raise CommandError(str(failure)) from failure
        return report.as_json() if report else {"unchanged": True}

    def _print(self, report: dict[str, Any]) -> None:
        """Print a line per changed model. Scripts read the last line, so its format is fixed."""
        for model_id in report.get("added", ()):
            self.stdout.write(f"added {model_id}")
        for unsuited in report.get("unsuited", ()):
            self.stdout.write(f"switched off {unsuited['model']}: {unsuited['purpose']}")
        for changed in report.get("changed", ()):
            self.stdout.write(f"changed {changed['model']}: {', '.join(changed['what'])}")
        for model_id in report.get("retired", ()):
            self.stdout.write(f"retired {model_id}")
        for refused in report.get("refused", ()):
            self.stdout.write(f"refused {refused['model']}: {refused['reason']}")
        counts = (
            f"{name} {len(report.get(name, ()))}" for name in ("added", "changed", "retired", "refused")
        )
        self.stdout.write(f"models {report['models']}, {', '.join(counts)}")
