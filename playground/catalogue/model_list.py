"""The models in a provider's model list, which may have one of three formats.

AI/ML API has a format of its own (``type``, ``aliases``, ``info.docsJson`` …) and an older one
(``features``). Every OpenAI-compatible server answers with ``{"data": [{"id": …}]}``, and many add facts.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import Any

from playground.catalogue.model_ids import is_model_id, shown
from playground.catalogue.model_list_facts import facts_of
from playground.catalogue.model_purpose import CHAT, purpose_by_id, purpose_of
from playground.exceptions import PlaygroundError
from playground.upstream.dialects import registry

MOST_MODELS = 20_000
# The most aliases of one model. Real ones have a few.
MOST_ALIASES = 50
# The most refused entries that a report names.
MOST_REFUSED = 200
_NO_ID = "its id is not a valid model id: it is empty, too long, or has invisible characters"


class ModelListRefused(PlaygroundError, ValueError):
    """The list cannot be used; the message is a sentence for people."""


@dataclass(frozen=True, slots=True)
class ListedModel:
    """A listed model: its columns (``facts``), and the OpenAPI document of each kind of endpoint.

    The address of a document is empty if the list has none. ``purpose`` is "chat" or, for example, "image".
    """

    model_id: str
    aliases: tuple[str, ...]
    facts: dict[str, Any]
    documents: dict[str, str]
    purpose: str = CHAT

    @property
    def ids(self) -> tuple[str, ...]:
        return (self.model_id, *self.aliases)


@dataclass(frozen=True, slots=True)
class RefusedEntry:
    model: str
    reason: str


@dataclass(slots=True)
class ModelList:
    """The models that chat, the others in ``others``, and the entries that cannot be used."""

    models: list[ListedModel] = field(default_factory=list)
    others: list[ListedModel] = field(default_factory=list)
    refused: list[RefusedEntry] = field(default_factory=list)

    @property
    def all(self) -> list[ListedModel]:
        return [*self.models, *self.others]


def read_model_list(found: object) -> ModelList:
    """Read the models of a list.

    :raises ModelListRefused: it is no list, is too long or has no chat model. An empty list must not retire a
        whole catalogue.
    """
    entries = found.get("data") if isinstance(found, dict) else None
    if not isinstance(entries, list):
        raise ModelListRefused("The provider did not list its models.")
    if not entries:
        raise ModelListRefused("The provider lists no models. Load a model on that server, then try again.")
    if len(entries) > MOST_MODELS:
        raise ModelListRefused(
            f"The provider lists more than {MOST_MODELS:,} models, which is more than this server accepts."
        )
    model_list = ModelList()
    by_id: dict[str, ListedModel] = {}
    for entry in entries:
        _read_entry(entry, by_id, model_list)
    models = _with_own_aliases(by_id)
    model_list.others = [model for model in models if model.purpose != CHAT]
    model_list.models = [model for model in models if model.purpose == CHAT]
    if not model_list.models:
        raise ModelListRefused("The provider lists no chat models.")
    return model_list


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


def _read_entry(entry: object, by_id: dict[str, ListedModel], model_list: ModelList) -> None:
    if not isinstance(entry, dict):
        return _refuse(model_list, "", "an entry that is not an object")
    kind = kind_of(entry.get("type"))
    if kind is None and not entry.keys().isdisjoint(("info", "features")):
        # AI/ML API's models for images or speech are left out without a report.
        return None
    model_id = entry.get("id")
    if not is_model_id(model_id):
        return _refuse(model_list, shown(model_id), _NO_ID)
    info = entry["info"] if isinstance(entry.get("info"), dict) else {}
    document = info["docsJson"] if isinstance(info.get("docsJson"), str) else ""
    known = by_id.get(model_id)
    if known is None:
        by_id[model_id] = ListedModel(
            model_id,
            _aliases(entry),
            facts_of(entry),
            {kind or registry.DEFAULT.kind: document},
            _purpose(entry, model_id),
        )
    elif kind is not None and kind not in known.documents:
        known.documents[kind] = document
    else:
        return _refuse(model_list, model_id, "listed more than once; the first entry counts")
    return None


def _refuse(model_list: ModelList, model: str, reason: str) -> None:
    if len(model_list.refused) < MOST_REFUSED:
        model_list.refused.append(RefusedEntry(model, reason))


def _purpose(entry: dict[str, Any], model_id: str) -> str:
    if not entry.keys().isdisjoint(("info", "features")):
        return CHAT
    return purpose_of(entry) or purpose_by_id(model_id) or CHAT


def _aliases(entry: dict[str, Any]) -> tuple[str, ...]:
    aliases = entry["aliases"] if isinstance(entry.get("aliases"), list) else []
    distinct = dict.fromkeys(alias for alias in aliases if is_model_id(alias) and alias != entry["id"])
    return tuple(distinct)[:MOST_ALIASES]


def _with_own_aliases(by_id: dict[str, ListedModel]) -> list[ListedModel]:
    """Give each name to one model: an id has priority over an alias, the first alias over later ones."""
    taken = set(by_id)
    models = []
    for model in by_id.values():
        own = tuple(alias for alias in model.aliases if alias not in taken)
        taken.update(own)
        models.append(replace(model, aliases=own))
    return models
