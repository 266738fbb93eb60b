"""The chat models in a provider's model list, which may have one of three formats.

AI/ML API has a format of its own (``type``, ``aliases``, ``info.docsJson`` …) and an older one
(``features``). Every OpenAI-compatible server answers with ``{"data": [{"id": …}]}``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any, TypeGuard

from playground.catalogue.listing_facts import facts_of, text_of
from playground.exceptions import PlaygroundError
from playground.upstream.dialects import registry

LONGEST_ID = 200
MOST_MODELS = 20_000
# The most aliases of one model. Real ones have a few.
MOST_ALIASES = 50
# The most refused entries that a report names.
MOST_REFUSED = 200


class ListingRefused(PlaygroundError, ValueError):
    """The list cannot be used; the message is a sentence for people."""


@dataclass(frozen=True, slots=True)
class Listed:
    """A listed model: its columns (``facts``), and the OpenAPI document of each kind of endpoint.

    The address of a document is empty if the list has none.
    """

    model_id: str
    aliases: tuple[str, ...]
    facts: dict[str, Any]
    documents: dict[str, str]

    @property
    def ids(self) -> tuple[str, ...]:
        return (self.model_id, *self.aliases)


@dataclass(frozen=True, slots=True)
class RefusedEntry:
    model: str
    reason: str


@dataclass(slots=True)
class Listing:
    models: list[Listed] = field(default_factory=list)
    refused: list[RefusedEntry] = field(default_factory=list)


def read_listing(found: object) -> Listing:
    """Read the models of a list.

    :raises ListingRefused: it is no list, is too long or has no chat model. An empty list must not retire a
        whole catalogue.
    """
    entries = found.get("data") if isinstance(found, dict) else None
    if not isinstance(entries, list):
        raise ListingRefused("The provider did not list its models.")
    if len(entries) > MOST_MODELS:
        raise ListingRefused(f"The provider lists over {MOST_MODELS:,} models; that cannot be right.")
    listing = Listing()
    by_id: dict[str, Listed] = {}
    for entry in entries:
        _read_entry(entry, by_id, listing)
    if not by_id:
        raise ListingRefused("The provider lists no chat models.")
    listing.models = _with_own_aliases(by_id)
    return listing


def kind_of(text: object) -> str | None:
    """Return the kind of endpoint that a model's ``type`` means, None if it is no chat model.

    >>> [kind_of(text) for text in ("openai/chat-completions", "openai/responses", "image")]
    ['chat/completions', 'responses', None]
    """
    if text is None:
        # A plain OpenAI list has no types.
        return registry.DEFAULT.kind
    if not isinstance(text, str):
        return None
    words = set(re.split(r"[^a-z]+", text.lower()))
    return next((each.kind for each in registry.dialects() if each.is_listed_as(words)), None)


def _read_entry(entry: object, by_id: dict[str, Listed], listing: Listing) -> None:
    if not isinstance(entry, dict):
        return _refuse(listing, "", "an entry that is not an object")
    kind = kind_of(entry.get("type"))
    if kind is None:
        # Models for images or speech are left out without a report.
        return None
    model_id = entry.get("id")
    if not _is_id(model_id):
        return _refuse(listing, text_of(model_id, 60), "its id is not a valid model id")
    info = entry["info"] if isinstance(entry.get("info"), dict) else {}
    document = info["docsJson"] if isinstance(info.get("docsJson"), str) else ""
    known = by_id.get(model_id)
    if known is None:
        by_id[model_id] = Listed(model_id, _aliases(entry), facts_of(entry), {kind: document})
    elif kind not in known.documents:
        known.documents[kind] = document
    else:
        return _refuse(listing, model_id, "listed more than once; the first entry counts")
    return None


def _refuse(listing: Listing, model: str, reason: str) -> None:
    if len(listing.refused) < MOST_REFUSED:
        listing.refused.append(RefusedEntry(model, reason))


def _is_id(value: object) -> TypeGuard[str]:
    if not isinstance(value, str) or not 0 < len(value) <= LONGEST_ID:
        return False
    return all("!" <= letter <= "~" for letter in value)


def _aliases(entry: dict[str, Any]) -> tuple[str, ...]:
    aliases = entry["aliases"] if isinstance(entry.get("aliases"), list) else []
    distinct = dict.fromkeys(alias for alias in aliases if _is_id(alias) and alias != entry["id"])
    return tuple(distinct)[:MOST_ALIASES]


def _with_own_aliases(by_id: dict[str, Listed]) -> list[Listed]:
    """Give each name to one model: an id has priority over an alias, the first alias over later ones."""
    taken = set(by_id)
    models = []
    for model in by_id.values():
        own = tuple(alias for alias in model.aliases if alias not in taken)
        taken.update(own)
        models.append(Listed(model.model_id, own, model.facts, model.documents))
    return models
