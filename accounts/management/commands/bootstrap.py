from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management import BaseCommand, CommandError

from accounts.flows.bootstrap import bootstrap


class Command(BaseCommand):
    help = "Create the first workspace and its owner if there is none, and print where to sign in."

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            first = bootstrap(settings.ADMIN_EMAIL, settings.ADMIN_PASSWORD, settings.WORKSPACE_NAME)
        except ValidationError as error:
            raise CommandError(f"ADMIN_EMAIL or ADMIN_PASSWORD: {' '.join(error.messages)}") from error
        self.stdout.write(f"\n  Open     {settings.PUBLIC_ORIGIN}")
        self.stdout.write(f"  Sign in  {first.email}")
        if first.password:
            self.stdout.write(f"  Password {first.password}")
            self.stdout.write("\n  The password is shown this once. Change it on your profile page.\n")
