"""What is worth knowing about a parameter beside its value: refused lately, at odds with another."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING

from django.utils.formats import date_format
from django.utils.timezone import localtime

from playground.parameters.known.conflicts import conflicts, lacking

if TYPE_CHECKING:
    from accounts.models import Workspace
    from playground.models import Endpoint


def refusal_warnings(workspace: Workspace, endpoint: Endpoint) -> dict[str, str]:
    """What the upstream said to the workspace about parameters that it does not take after all, by name."""
    # As playground.access.endpoints_of has loaded it; without that, asking is the only way to know.
    if not getattr(endpoint, "has_refusals", True):
        return {}
    return {
        refusal.name: _sentence(date_format(localtime(refusal.created_at), "j F"), refusal.message)
        for refusal in endpoint.refused_parameters.filter(workspace=workspace)
    }


def conflict_warnings(sent: Collection[str], offered: Collection[str]) -> Iterator[tuple[str, str]]:
    """Names among ``sent``, each with what is wrong with it beside the others."""
    for conflict in conflicts(sent):
        for name in conflict.names:
            others = [other for other in conflict.names if other != name]
            yield name, f"{', '.join(others)} is set too. {conflict.sentence}"
    for need in lacking(sent, offered):
        yield need.names[0], need.sentence


def _sentence(day: str, words: str) -> str:
    """
    >>> _sentence("3 May", "Unsupported parameter: 'seed'. ")
    "The provider refused this on 3 May: “Unsupported parameter: 'seed'.”"
    >>> _sentence("3 May", "")
    'The provider refused this on 3 May.'
    """
    said = words.strip()
    return f"The provider refused this on {day}: “{said}”" if said else f"The provider refused this on {day}."
