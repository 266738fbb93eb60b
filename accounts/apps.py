"""The entry of the app ``accounts`` in Django's registry."""

from __future__ import annotations

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "accounts"

    def ready(self) -> None:
        # Models, and what imports them, can be imported from here on.
        from allauth.account.signals import password_changed, password_set
        from allauth.mfa import signals as factors
        from django.contrib.auth.signals import (
            user_logged_in,
            user_logged_out,
            user_login_failed,
        )

        from accounts.flows import note_factors, note_sign_in

        user_logged_in.connect(note_sign_in.note_sign_in)
        user_logged_out.connect(note_sign_in.note_sign_out)
        user_login_failed.connect(note_sign_in.note_failed_sign_in)
        password_changed.connect(note_sign_in.note_changed_password)
        password_set.connect(note_sign_in.note_changed_password)
        factors.authenticator_added.connect(note_factors.note_added)
        factors.authenticator_removed.connect(note_factors.note_removed)
        factors.authenticator_reset.connect(note_factors.note_new_codes)
        factors.authenticator_used.connect(note_factors.note_used)
        factors.authentication_failed.connect(note_factors.note_failed)
