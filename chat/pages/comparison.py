"""Contexts of the page of a comparison and of its parts."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

from django.urls import reverse

from accounts.access import memberships_of
from accounts.pages.raises import asked_for
from chat.models import FEWEST_COLUMNS, MOST_COLUMNS
from chat.pages.attaching import attached, attaching_at_all
from chat.pages.blind import HIDDEN
from chat.pages.composer import Refusal, chosen_endpoint, composer_for, draft_of, missing_key
from chat.pages.conversation import around, can_in, listed_code, thread_context
from chat.pages.figures import figures_of
from chat.pages.model_choice import ready_models
from playground.access import endpoint_of
from playground.models import DEFAULT_KIND

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from accounts.models import Membership
    from chat.access import Grant
    from chat.columns import Compared
    from chat.models import Conversation, Message, StoredFile
    from chat.pages.composer import Composer
    from playground.models import Endpoint


@dataclass(frozen=True, slots=True)
class ColumnView:
    """A column as its page shows it; ``context`` is that of its templates."""

    number: int
    name: str
    context: dict[str, Any]


@dataclass(frozen=True, slots=True)
class ColumnRefusal:
    """The reasons why a column refused a prompt."""

    number: int
    name: str
    refusal: Refusal


@dataclass(frozen=True, slots=True)
class ColumnHit:
    """A message that a search has found in a column, and the words of the search."""

    message: Message
    words: str


@dataclass(slots=True)
class SharedComposer:
    """The composer of a comparison, which sends to several columns."""

    idempotency_key: UUID = field(default_factory=uuid4)
    prompt_text: str = ""
    attachments: list[StoredFile] = field(default_factory=list)
    # Refusals that are about no column.
    errors: tuple[str, ...] = ()
    refused: tuple[ColumnRefusal, ...] = ()


def comparison_context(
    compared: Compared, shared: SharedComposer, focused: UUID | None = None, hit: ColumnHit | None = None
) -> dict[str, Any]:
    """Return the context of the page; the parameters are those of the column ``focused``, or of the first.

    The column of a ``hit`` opens at its message.
    """
    entry, columns = compared.entry, compared.columns
    composers = [composer_for(column.conversation, column.membership) for column in columns]
    views = [
        column_view(compared, column, composer, hit)
        for column, composer in zip(columns, composers, strict=True)
    ]
    shown = next((view for view in views if view.context["conversation"].code == focused), None)
    return {
        **shared_composer_context(compared, shared, composers),
        "columns": views,
        "figures": [] if entry.conversation.is_blind else figures_of(columns, [view.name for view in views]),
        "focused": shown or next(iter(views), None),
        # The column that the address names is brought into view.
        "shown": shown.context["conversation"].code if shown else "",
        "place": entry.place,
        "can_add": len(columns) < MOST_COLUMNS,
        "version": entry.conversation.queue_version,
        **around(entry.membership, memberships_of(entry.membership.user), entry.conversation.code),
    }


def first_endpoints(membership: Membership, count: int) -> list[Endpoint | None]:
    """Return the endpoints of a new comparison: that of a new chat, and those of the next models.

    A model is repeated if there are too few; without any model, there is None for each column.
    """
    draft = draft_of(membership)
    first = chosen_endpoint(draft, membership)
    others = [model for model in ready_models(membership) if first is None or model.pk != first.model_id]
    found = [
        endpoint for model in others[: count - 1] if (endpoint := endpoint_of(model, draft.endpoint_kind))
    ]
    return [first, *found, *[first] * count][:count]


def next_endpoint(compared: Compared) -> Endpoint | None:
    """Return the endpoint of a new column: of the first ready model that no column has, else of the first."""
    membership = compared.entry.membership
    used = {column.conversation.model_id for column in compared.columns}
    ready = ready_models(membership)
    unused = [model for model in ready if model.pk not in used]
    found = (endpoint_of(model, DEFAULT_KIND) for model in (*unused, *ready))
    return next((endpoint for endpoint in found if endpoint), None)


def column_view(
    compared: Compared, column: Grant, composer: Composer, hit: ColumnHit | None = None
) -> ColumnView:
    found = hit if hit and hit.message.conversation_id == column.conversation.pk else None
    number = compared.columns.index(column) + 1
    name = model_name_in(column.conversation, composer)
    context = {
        **thread_context(column, composer, *((found.message, found.words) if found else ())),
        "entry": compared.entry.conversation,
        "number": number,
        "name": name,
        "is_first": number == 1,
        "is_last": number == len(compared.columns),
        "can_remove": len(compared.columns) > FEWEST_COLUMNS,
        "can_add": len(compared.columns) < MOST_COLUMNS,
        "settings_url": reverse("chat:column_settings", args=[column.conversation.code]),
    }
    return ColumnView(number, name, context)


def model_name_in(column: Conversation, composer: Composer) -> str:
    """Return the name of the model that the next prompt goes to, unless the comparison hides it."""
    if column.is_blind:
        return HIDDEN
    return composer.endpoint.model.name if composer.endpoint else "No model"


def shared_composer_context(
    compared: Compared, shared: SharedComposer, composers: Collection[Composer]
) -> dict[str, Any]:
    """Return the context of the composer without its page."""
    entry = compared.entry
    endpoints = [composer.endpoint for composer in composers if composer.endpoint is not None]
    return {
        "workspace": entry.conversation.workspace,
        "membership": entry.membership,
        "conversation": entry.conversation,
        "entry": entry.conversation,
        "can": can_in(entry),
        "is_shared": entry.is_shared,
        "access_mark": entry.access_mark,
        "send_url": reverse("chat:send_to_columns", args=[entry.conversation.code]),
        "stop_url": reverse("chat:stop_columns", args=[entry.conversation.code]),
        "attaching": attaching_at_all(endpoints),
        "idempotency_key": shared.idempotency_key,
        "prompt_text": shared.prompt_text,
        "attachments": [attached(file) for file in shared.attachments],
        "errors": shared.errors,
        "refused": [_refused(entry, each) for each in shared.refused],
        "column_count": len(compared.columns),
    }


def _refused(entry: Grant, column: ColumnRefusal) -> Mapping[str, Any]:
    refusal = column.refusal
    keyless = missing_key(entry.membership, refusal.keyless) if refusal.keyless else None
    return {
        "number": column.number,
        "name": column.name,
        "texts": refusal.errors,
        "parameter_errors": refusal.parameter_errors,
        "key_of": keyless["provider_name"] if keyless else "",
        "limit": refusal.limit,
        "asked": asked_for(entry.membership, refusal.limit.code) if refusal.limit else None,
    }


def names_in(compared: Compared) -> list[str]:
    """Return the names of the models of the columns, in their order."""
    return [
        model_name_in(column.conversation, composer_for(column.conversation, column.membership))
        for column in compared.columns
    ]


def figures_context(compared: Compared) -> dict[str, Any]:
    """Return the context of the figures without their page. Times and costs would tell a hidden model."""
    entry = compared.entry.conversation
    found = [] if entry.is_blind else figures_of(compared.columns, names_in(compared))
    return {"entry": entry, "figures": found}


def changed_context(compared: Compared) -> dict[str, Any]:
    """Return the context of what is beside the columns and may change with a prompt."""
    entry = compared.entry
    return around(entry.membership, (), listed_code(entry.conversation))
