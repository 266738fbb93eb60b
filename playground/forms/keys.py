from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.timezone import localdate
from django.views.decorators.debug import sensitive_variables

from accounts.audit import name_of
from accounts.exceptions import KeyMalformed
from accounts.flows.change_key import KeySettings
from accounts.forms.fields import NameField
from accounts.forms.seen import SeenForm
from accounts.keys import clean_secret
from accounts.models import Group, Membership
from playground.catalogue.model_ids import is_model_id, shown
from playground.forms.bulk import LowestRoleField, groups_of

if TYPE_CHECKING:
    from accounts.models import ApiKey

_MOST_PATTERNS = 100
_BOXES = {"class": "boxes"}


class LowBalanceForm(SeenForm):
    """The dollars below which a balance counts as low; empty leaves that to the provider."""

    threshold = forms.DecimalField(
        label="Warn below (USD)",
        required=False,
        min_value=0,
        max_value=1_000_000,
        decimal_places=4,
        widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
    )


class SecretForm(forms.Form):
    """A secret that replaces another one."""

    secret = forms.CharField(
        label="Key",
        strip=False,
        error_messages={"required": "Paste the key."},
        widget=forms.PasswordInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )

    @sensitive_variables()
    def clean_secret(self) -> str:
        try:
            return clean_secret(self.cleaned_data["secret"])
        except KeyMalformed as refusal:
            raise ValidationError(refusal.text) from None


class KeyForm(SecretForm):
    """A key that is added."""

    label = NameField(
        label="Name",
        required=False,
        max_length=80,
        help_text="For example the team or the purpose that it is for.",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    field_order = ("label", "secret")


class KeySettingsForm(SeenForm):
    """The settings of a key beside its secret. The last three fields are those of a shared key."""

    label = NameField(
        label="Name",
        required=False,
        max_length=80,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    model_patterns = forms.CharField(
        label="Models",
        required=False,
        max_length=20_000,
        help_text="One id on each line, or a pattern such as gpt-*. Empty: all models of the provider.",
        widget=forms.Textarea(attrs={"rows": 3, "spellcheck": "false", "autocomplete": "off"}),
    )
    expires_on = forms.DateField(
        label="Last day",
        required=False,
        help_text="The key is not used after this day. You are reminded two weeks and two days before.",
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
    )
    lowest_role = LowestRoleField("Only the groups and people below")
    groups = forms.ModelMultipleChoiceField(
        label="Groups that may use it too",
        queryset=Group.objects.none(),
        to_field_name="code",
        required=False,
        widget=forms.CheckboxSelectMultiple(attrs=_BOXES),
    )
    people = forms.ModelMultipleChoiceField(
        label="People who may use it too",
        queryset=Membership.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple(attrs=_BOXES),
    )

    def __init__(self, data: Any, key: ApiKey) -> None:
        initial: dict[str, Any] = {
            "label": key.label,
            "model_patterns": "\n".join(key.model_patterns),
            "expires_on": key.expires_on,
            "lowest_role": key.lowest_role,
        }
        if key.member_id is None:
            initial |= {"groups": list(key.groups.all()), "people": list(key.people.all())}
        super().__init__(data, initial=initial, auto_id="key-%s")
        self._expires_on = key.expires_on
        if key.member_id is not None:
            for name in ("lowest_role", "groups", "people"):
                del self.fields[name]
            return
        groups: Any = self.fields["groups"]
        groups.queryset = groups_of(key.workspace)
        people: Any = self.fields["people"]
        members = Membership.objects.filter(workspace=key.workspace).select_related("user")
        people.queryset = members.order_by("user__name", "user__email")
        people.label_from_instance = lambda member: name_of(member.user)

    def clean_model_patterns(self) -> list[str]:
        lines = re.split(r"\r?\n", self.cleaned_data["model_patterns"])
        patterns = list(dict.fromkeys(line.strip() for line in lines if line.strip()))
        for pattern in patterns:
            if not is_model_id(pattern):
                raise ValidationError(f"This is not a valid model id: {shown(pattern)}")
        if len(patterns) > _MOST_PATTERNS:
            raise ValidationError(f"Enter at most {_MOST_PATTERNS} lines.")
        return patterns

    def clean_expires_on(self) -> Any:
        day = self.cleaned_data["expires_on"]
        if day and day < localdate() and day != self._expires_on:
            raise ValidationError("This day is over. Enter another one, or disable the key.")
        return day

    def clean(self) -> dict[str, Any]:
        cleaned = self.cleaned_data
        is_for_nobody = cleaned.get("lowest_role") == "" and not (
            cleaned.get("groups") or cleaned.get("people")
        )
        if is_for_nobody and not self.errors:
            self.add_error("lowest_role", "Tick at least one group or person, or choose a role.")
        return cleaned

    @property
    def settings(self) -> KeySettings:
        return KeySettings(**self.cleaned_data)
