from __future__ import annotations

import http.client
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.urls import reverse

# Addresses that a server can listen on but no client can connect to.
_EVERYWHERE = {"", "0.0.0.0", "::"}  # noqa: S104 - compared with, not bound to


class Command(BaseCommand):
    help = "Ask the server on this machine for its sign-in page; exit with an error if it does not answer."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        host = "127.0.0.1" if settings.HOST in _EVERYWHERE else settings.HOST
        connection = http.client.HTTPConnection(host, settings.PORT, timeout=4)
        try:
            # The server refuses requests with another host name than the public one.
            connection.request(
                "GET", reverse(settings.LOGIN_URL), headers={"Host": urlsplit(settings.PUBLIC_ORIGIN).netloc}
            )
            status = connection.getresponse().status
        except OSError as error:
            raise CommandError(f"{host}:{settings.PORT} does not answer: {error}") from error
        finally:
            connection.close()
        if status != http.HTTPStatus.OK:
            raise CommandError(f"{host}:{settings.PORT} answers {status}.")
        self.stdout.write("ok")
