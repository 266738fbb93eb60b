"""allauth's forms for second factors, with labels of our own and without placeholders that repeat them."""

from __future__ import annotations

import json
from typing import Any

from allauth.account.adapter import get_adapter as get_account_adapter
from allauth.core.internal.cryptokit import normalize_user_code
from allauth.mfa import app_settings
from allauth.mfa.adapter import get_adapter
from allauth.mfa.base.forms import AuthenticateForm as AllauthAuthenticateForm
from allauth.mfa.base.forms import ReauthenticateForm as AllauthReauthenticateForm
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.forms import ActivateTOTPForm as AllauthActivateTOTPForm
from allauth.mfa.webauthn.forms import AddWebAuthnForm as AllauthAddWebAuthnForm
from allauth.mfa.webauthn.forms import AuthenticateWebAuthnForm as AllauthAuthenticateWebAuthnForm
from allauth.mfa.webauthn.forms import EditWebAuthnForm as AllauthEditWebAuthnForm
from allauth.mfa.webauthn.forms import LoginWebAuthnForm as AllauthLoginWebAuthnForm
from allauth.mfa.webauthn.forms import ReauthenticateWebAuthnForm as AllauthReauthenticateWebAuthnForm
from django import forms
from django.core.cache import cache

from accounts.forms.fields import NameField
from accounts.names import one_line
from accounts.passwords import may_use_password

_LONGEST_NAME = 80
_LONGEST_CREDENTIAL = 100_000


class _Code(forms.Form):
    """A field for a code, which phones and password managers can fill in."""

    label = "Code"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["code"]
        field.label = self.label
        field.widget.attrs.pop("placeholder", None)
        field.widget.attrs.update(autofocus=True, spellcheck="false", maxlength=20)


class _OnceOnly(_Code):
    """A code of an app counts once, for as long as it would be accepted.

    allauth remembers it for one period; with a tolerance it is accepted for longer.
    """

    label = "Code of your app, or a recovery code"
    user: Any
    authenticator: Authenticator

    def clean_code(self) -> str:
        code = str(self.cleaned_data["code"])
        key = f"accounts.forms.factors.used:{self.user.pk}:{normalize_user_code(code)}"
        if cache.get(key):
            raise get_adapter().validation_error("used_code")
        super().clean_code()  # type: ignore[misc]  # allauth's form comes next
        if self.authenticator.type == Authenticator.Type.TOTP:
            periods = 2 * app_settings.TOTP_TOLERANCE + 1
            cache.set(key, True, timeout=periods * app_settings.TOTP_PERIOD)
        return code


class SignInCodeForm(_OnceOnly, AllauthAuthenticateForm):  # type: ignore[misc]
    pass


class ConfirmCodeForm(_OnceOnly, AllauthReauthenticateForm):  # type: ignore[misc]
    pass


class AddAppForm(_Code, AllauthActivateTOTPForm):  # type: ignore[misc]
    label = "Code that the app shows"


class CredentialField(forms.JSONField):
    """A field for the answer of a passkey: a JSON object of strings that every database stores."""

    widget = forms.HiddenInput

    def to_python(self, value: Any) -> Any:
        try:
            credential = super().to_python(value)
        except RecursionError as error:
            raise _refusal() from error
        text = json.dumps(credential, ensure_ascii=False)
        # PostgreSQL stores neither a NUL nor half of a pair of characters.
        is_storable = "\\u0000" not in text and not any("\ud800" <= letter <= "\udfff" for letter in text)
        if credential and not (
            isinstance(credential, dict) and is_storable and len(text) <= _LONGEST_CREDENTIAL
        ):
            raise _refusal()
        return credential


def _refusal() -> Any:
    return get_adapter().validation_error("incorrect_code")


class _Credential(forms.Form):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["credential"] = CredentialField()

    def _cleaned(self, clean: Any) -> Any:
        """Call a method of allauth's form, which trusts the shape of what a browser sends."""
        try:
            return clean()
        except (TypeError, ValueError, KeyError, AttributeError, OverflowError) as error:
            raise _refusal() from error


class _Proof(_Credential):
    def clean_credential(self) -> Authenticator:
        found: Authenticator = self._cleaned(super().clean_credential)  # type: ignore[misc]  # allauth's
        return found


class SignInPasskeyForm(_Proof, AllauthLoginWebAuthnForm):  # type: ignore[misc]
    def clean_credential(self) -> Authenticator:
        """Refuse those who sign in with an identity provider alone: it decides who is still in the team."""
        found = super().clean_credential()
        if not may_use_password(found.user.email):
            raise get_account_adapter().validation_error("passwords_are_off")
        return found


class SecondPasskeyForm(_Proof, AllauthAuthenticateWebAuthnForm):  # type: ignore[misc]
    pass


class ConfirmPasskeyForm(_Proof, AllauthReauthenticateWebAuthnForm):  # type: ignore[misc]
    pass


class AddPasskeyForm(_Credential, AllauthAddWebAuthnForm):  # type: ignore[misc]
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        name, alone = self.fields["name"], self.fields["passwordless"]
        name.label = "Name"
        name.widget.attrs["maxlength"] = _LONGEST_NAME
        name.help_text = "By which you recognise it, such as the device that keeps it."
        alone.label, alone.initial = "Sign in with it alone, without the password", True
        alone.help_text = "Switch this off for a security key that has no PIN."

    def clean_name(self) -> str:
        return one_line(str(super().clean_name()))[:_LONGEST_NAME]

    def clean(self) -> Any:
        return self._cleaned(super().clean)


class RenamePasskeyForm(AllauthEditWebAuthnForm):  # type: ignore[misc]
    name = NameField(label="Name", max_length=_LONGEST_NAME)
