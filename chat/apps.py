"""The entry of the app ``chat`` in Django's registry."""

from __future__ import annotations

from django.apps import AppConfig


class ChatConfig(AppConfig):
    name = "chat"

    def ready(self) -> None:
        from chat import files
        from chat.flows import end_public_links
        from chat.sockets import bells, revoking

        files.connect()
        end_public_links.connect()
        bells.connect()
        revoking.connect()
