"""The entry of the app ``accounts`` in Django's registry."""

from __future__ import annotations

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "accounts"
