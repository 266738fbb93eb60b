from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management import BaseCommand, CommandError, CommandParser
from django.core.validators import validate_email

from accounts.exceptions import MailFailed
from accounts.mail import send_mail


class Command(BaseCommand):
    help = "Send a mail to an address, to find out whether EMAIL_URL and EMAIL_FROM are right."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("address", help="the address to send the mail to")

    def handle(self, *args: Any, **options: Any) -> None:
        address = options["address"].strip()
        try:
            validate_email(address)
        except ValidationError as error:
            raise CommandError("This is not an e-mail address.") from error
        try:
            send_mail("accounts/mail/test.txt", {"origin": settings.PUBLIC_ORIGIN}, address)
        except MailFailed as failure:
            raise CommandError(f"{failure.text} ({failure.log})") from failure
        if settings.HAS_MAIL:
            self.stdout.write(
                f"{settings.EMAIL_HOST}:{settings.EMAIL_PORT} has accepted the mail. See whether it arrives."
            )
        else:
            self.stdout.write("EMAIL_URL is not set, so the mail is printed above and was not sent.")
