from __future__ import annotations

from django import forms

from playground.catalogue import generic
from playground.labels import endpoint_label

_HELP = {
    "responses": "OpenAI's newer protocol",
    "messages": "Anthropic's protocol",
}


class EndpointsForm(forms.Form):
    """The endpoints of a provider beside the usual one, for all of its models."""

    kinds = forms.MultipleChoiceField(
        label="All models can also be called at",
        required=False,
        choices=[(kind, f"{endpoint_label(kind)} (/{kind}): {_HELP[kind]}") for kind in generic.more_kinds()],
        widget=forms.CheckboxSelectMultiple,
    )
