"""Warnings about parameters: the provider refused one lately, or it conflicts with another."""

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
    """Return a sentence for each parameter that the provider refused to this workspace, by name."""
    # playground.access.endpoints_of sets has_refusals, which saves this query for most endpoints.
    if not getattr(endpoint, "has_refusals", True):
        return {}
    return {
        refusal.name: _sentence(date_format(localtime(refusal.created_at), "j F"), refusal.message)
        for refusal in endpoint.refused_parameters.filter(workspace=workspace)
    }


def conflict_warnings(sent: Collection[str], offered: Collection[str]) -> Iterator[tuple[str, str]]:
    """Yield names among ``sent`` with a sentence about their conflict with others."""
    for conflict in conflicts(sent):
        for name in conflict.names:
            others = [other for other in conflict.names if other != name]
            yield name, f"{', '.join(others)} is set too. {conflict.sentence}"
    for need in lacking(sent, offered):
        yield need.names[0], need.sentence


def _sentence(day: str, quoted: str) -> str:
    """Quote the provider.

    >>> _sentence("3 May", "Unsupported parameter: 'seed'. ")
    "The provider refused this on 3 May: “Unsupported parameter: 'seed'.”"
    >>> _sentence("3 May", "")
    'The provider refused this on 3 May.'
    """
    said = quoted.strip()
    return f"The provider refused this on {day}: “{said}”" if said else f"The provider refused this on {day}."
