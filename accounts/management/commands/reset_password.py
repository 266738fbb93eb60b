from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management import BaseCommand, CommandError, CommandParser
from django.urls import reverse

from accounts.flows.reset_password import make_reset_code
from accounts.models import User
from accounts.passwords import may_use_password


class Command(BaseCommand):
    help = "Print a link with which a person who forgot their password sets a new one."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email", help="the address that the person signs in with")

    def handle(self, *args: Any, **options: Any) -> None:
        user = User.objects.filter(email=options["email"].strip().lower()).first()
        if user is None:
            raise CommandError(f"No account signs in with {options['email']}.")
        if not user.is_active:
            raise CommandError(f"The account of {user.email} is switched off.")
        if not may_use_password(user.email):
            raise CommandError(f"PASSWORD_SIGN_IN is off, and {user.email} is not ADMIN_EMAIL.")
        path = reverse("accounts:reset_password", args=[make_reset_code(user)])
        self.stdout.write(f"{settings.PUBLIC_ORIGIN}{path}")
        self.stderr.write("Whoever opens this link signs in as this person. It works once, for one day.")
