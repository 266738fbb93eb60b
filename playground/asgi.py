"""The ASGI application. Django must be set up before anything that reads models is imported.

What the system checks refuse does not start, under whichever server: importing this is what starts it.
"""

from __future__ import annotations

import os

import django
from django.core.management import BaseCommand
from django.core.management.base import SystemCheckError

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "playground.settings")
django.setup(set_prefix=False)

try:
    BaseCommand().check()
except SystemCheckError as refusal:
    raise SystemExit(str(refusal)) from None

from chat.sockets import routing  # noqa: E402
from playground.handler import Handler  # noqa: E402

application = routing.application(Handler())
