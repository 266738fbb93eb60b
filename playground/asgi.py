"""The ASGI application. Django must be set up before anything that reads models is imported.

What the system checks refuse does not start, under whichever server: importing this is what starts it.
"""

from __future__ import annotations

import os

from django.core.asgi import get_asgi_application
from django.core.management import BaseCommand
from django.core.management.base import SystemCheckError

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "playground.settings")
_http = get_asgi_application()

try:
    BaseCommand().check()
except SystemCheckError as refusal:
    raise SystemExit(str(refusal)) from None

from chat.sockets import routing  # noqa: E402

application = routing.application(_http)
