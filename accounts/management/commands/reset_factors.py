from __future__ import annotations

from typing import Any

from django.core.management import BaseCommand, CommandError, CommandParser

from accounts.flows.reset_factors import reset_factors
from accounts.models import User
from accounts.origins import called_from


class Command(BaseCommand):
    help = "Remove all second factors of a person who lost them, and sign them out everywhere."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email", help="the address that the person signs in with")

    def handle(self, *args: Any, **options: Any) -> None:
        user = User.objects.filter(email=options["email"].strip().lower()).first()
        if user is None:
            raise CommandError(f"No account signs in with {options['email']}.")
        with called_from("manage.py reset_factors"):
            was_any = reset_factors(user, actor=None)
        if not was_any:
            raise CommandError(f"{user.email} has no second factor.")
        self.stdout.write(f"{user.email} signs in with the password alone now.")
