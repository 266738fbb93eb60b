"""The setup of a link ``/try?…``: what fits is opened, and what does not is said."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

from django.conf import settings
from django.http import Http404

from chat.pages.composer import Composer, chosen_endpoint, draft_of
from chat.pages.notices import shown
from playground.access import (
    as_decided,
    catalogue_of,
    endpoint_of,
    endpoints_of,
    get_model_for,
    models_for,
    successor_for,
    why_unavailable,
)
from playground.labels import endpoint_label
from playground.models import DEFAULT_KIND
from playground.parameters.form.carrying import UNKNOWN
from playground.parameters.form.parameter_form import parameter_form
from playground.parameters.form.texts import read_texts

if TYPE_CHECKING:
    from django.http import QueryDict

    from accounts.models import Membership
    from playground.models import Endpoint, UpstreamModel
    from playground.parameters.form.carrying import Dropped

# Names that are no parameters. A parameter of the same name cannot be set by a link.
MODEL, ENDPOINT, PROMPT, SYSTEM, WORKSPACE = "model", "endpoint", "prompt", "system", "workspace"
NAMES = frozenset({MODEL, ENDPOINT, PROMPT, SYSTEM, WORKSPACE})
# Proxies and this server accept no longer addresses.
LONGEST_QUERY = 15_000
# More would push the prompt off the page.
_MOST_NOTES = 12
# How alike two ids are that probably mean the same model, between 0 and 1.
_ALIKE = 0.7


def composer_of_link(query: QueryDict, membership: Membership) -> Composer:
    """Return a composer filled in from a link, with notes on what was left out. Nothing is stored."""
    notes: list[str] = []
    endpoint = _endpoint(query, membership, notes)
    # PostgreSQL refuses a NUL, and an address may contain one.
    texts = {name: str(text).replace("\0", "") for name, text in query.items() if name not in NAMES}
    parameters = {}
    if endpoint:
        carried = read_texts(endpoint, texts)
        parameters = carried.kept
        notes += [_words(each) for each in carried.dropped]
    composer = Composer(endpoint, parameter_form(endpoint, initial=parameters) if endpoint else None)
    composer.prompt_text = _text(query, PROMPT, "prompt", notes)
    composer.system_text = _text(query, SYSTEM, "system prompt", notes)
    composer.notes = _shortened(notes)
    return composer


def _text(query: QueryDict, name: str, what: str, notes: list[str]) -> str:
    text = query.get(name, "").replace("\0", "").replace("\r\n", "\n")
    most = settings.MAX_PROMPT_CHARACTERS
    if len(text) <= most:
        return text
    notes.append(f"The {what} of the link was left out: it has more than {most:,} characters.")
    return ""


def _words(dropped: Dropped) -> str:
    if dropped.reason == UNKNOWN:
        return f"“{shown(dropped.name)}” is not a parameter of this model. It was left out."
    return f"{dropped.name}={shown(dropped.value)} was left out: {_lower(dropped.reason)}"


def _lower(sentence: str) -> str:
    """
    >>> _lower("At most 2."), _lower("JSON is broken.")
    ('at most 2.', 'JSON is broken.')
    """
    return sentence if sentence[1:2].isupper() else sentence[:1].lower() + sentence[1:]


def _shortened(notes: list[str]) -> tuple[str, ...]:
    more = len(notes) - _MOST_NOTES
    return (*notes[:_MOST_NOTES], *([f"{more} more values were left out."] if more > 0 else []))


def _endpoint(query: QueryDict, membership: Membership, notes: list[str]) -> Endpoint | None:
    """Return the endpoint that the link names, or the one that stands in for it."""
    asked, kind = query.get(MODEL, "").strip(), query.get(ENDPOINT, "").strip().strip("/")
    draft = draft_of(membership)
    usual = chosen_endpoint(draft, membership)
    model, note = named_model(asked, membership, usual.model if usual else None)
    notes += [note] if note else []
    endpoint = endpoint_of(model, kind or DEFAULT_KIND) if model else None
    if model and endpoint and kind and endpoint.kind != kind:
        known = " and ".join(endpoint_label(each.kind) for each in endpoints_of(model))
        notes.append(f"{model.name} has no endpoint “{shown(kind)}”. It has {known}.")
    return endpoint


def named_model(
    asked: str, membership: Membership, usual: UpstreamModel | None
) -> tuple[UpstreamModel | None, str]:
    """Return the model of that name or the one that stands in for it, and a note if it is another.

    Without a name it is ``usual``.
    """
    if not asked:
        return usual, ""
    try:
        return get_model_for(membership, asked), ""
    except Http404:
        pass
    found = _in_catalogue(asked, membership)
    reason = why_unavailable(membership, found) if found else ""
    reason = reason or f"There is no model “{shown(asked)}” here."
    # A name like it may mean the same model or a later version of it; the reader decides.
    for chosen, stand_in in (
        ("Its successor", successor_for(membership, found) if found else None),
        ("The model with the most similar name", _nearest(asked, membership)),
        ("Your usual model", usual),
    ):
        if stand_in and endpoints_of(stand_in):
            return stand_in, f"{reason} {chosen}, {stand_in.name}, is used instead."
    return None, reason


def _in_catalogue(asked: str, membership: Membership) -> UpstreamModel | None:
    """Find a model of the workspace's providers, usable or not."""
    # PostgreSQL refuses to compare with a NUL.
    return None if "\0" in asked else catalogue_of(membership.workspace).filter(model_id=asked).first()


def _nearest(asked: str, membership: Membership) -> UpstreamModel | None:
    """Return the usable model with the id or alias most like ``asked``, which may lack the developer."""
    names: dict[str, int] = {}
    for pk, model_id, aliases in models_for(membership).values_list("pk", "model_id", "aliases"):
        for name in [model_id, *aliases]:
            names.setdefault(name.lower(), pk)
            names.setdefault(name.lower().rpartition("/")[2], pk)
    found = get_close_matches(asked.lower()[:200], names, n=1, cutoff=_ALIKE)
    if not found:
        return None
    return as_decided(models_for(membership).filter(pk=names[found[0]]))[0]
