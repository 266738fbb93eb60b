from __future__ import annotations

from typing import Any

from allauth.socialaccount.models import SocialAccount
from django.core.management import BaseCommand, CommandError, CommandParser

from accounts.flows.unlink_identity import unlink_identity
from accounts.models import User


class Command(BaseCommand):
    help = (
        "Forget the identities that a person signs in with, for example because a provider made theirs anew. "
        "The next sign-in finds the account by its address."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email", help="the address of the account")

    def handle(self, *args: Any, **options: Any) -> None:
        user = User.objects.filter(email=options["email"].strip().lower()).first()
        if user is None:
            raise CommandError(f"No account has the address {options['email']}.")
        codes = list(SocialAccount.objects.filter(user=user).values_list("provider", flat=True))
        if not codes:
            raise CommandError(f"{user.email} signs in with no identity provider.")
        for code in codes:
            unlink_identity(user, code, code, actor=None)
        self.stdout.write(f"Forgot {', '.join(codes)} for {user.email}.")
