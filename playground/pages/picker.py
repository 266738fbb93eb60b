"""The picker of models: one small row per model, and the facets to filter by."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from django.template.loader import render_to_string
from django.utils.formats import date_format

from accounts import keys
from playground.access import DECIDED, as_decided, kinds_of, listed_models_for
from playground.labels import endpoint_label
from playground.models import FavouriteModel
from playground.pages.model_origin import origin
from playground.templatetags.playground_figures import capability, price, price_in_credits, tokens

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.utils.safestring import SafeString

    from accounts.models import Membership
    from playground.models import UpstreamModel

# Capabilities in the order of the filters and labels.
CAPABILITIES = (
    "vision", "audio", "video", "files", "tools", "reasoning", "structured_output", "web_search",
)  # fmt: skip
CONTEXTS = ((32_000, "32k"), (128_000, "128k"), (1_000_000, "1M"))
# Upper bounds of the price in credits per million output tokens.
PRICES = ((0, "Free"), (2_000_000, "Up to $1"), (10_000_000, "Up to $5"))
RECENT = 5


@dataclass(frozen=True, slots=True)
class PickerRow:
    """A model as text, with values for the script that filters and sorts."""

    pk: int
    name: str
    # The id and aliases, which searches match beside the name.
    words: str
    facts: str
    can: tuple[str, ...]
    developer: str
    provider: str
    kinds: tuple[str, ...]
    # The provider needs a key, and the member can use none.
    lacks_key: bool
    context: int
    # Whole credits per million output tokens; empty if unknown.
    output_price: str
    price: str
    credits: str
    # The date as YYYYMMDD.
    released: str
    is_favourite: bool
    about: str = ""
    # The end that the provider announced, as a label.
    ends: str = ""

    @property
    def html(self) -> SafeString:
        return _html(self)


# Most rows are equal for all members and stay equal, so their HTML is cached.
@lru_cache(maxsize=4096)
def _html(row: PickerRow) -> SafeString:
    return render_to_string("playground/_model_row.html", {"row": row})


@dataclass(frozen=True, slots=True)
class PickerSection:
    code: str
    label: str
    rows: list[PickerRow]


@dataclass(frozen=True, slots=True)
class Facet:
    """A filter. ``kind`` is "any" or "all" of the chosen options, or "one" that can be chosen."""

    code: str
    label: str
    kind: str
    options: list[tuple[str, str]]


def picker_context(membership: Membership, recent: Sequence[int]) -> dict[str, Any]:
    """Make the picker's context; ``recent`` has the keys of the models used last, the latest first."""
    favourites = set(
        FavouriteModel.objects.filter(user=membership.user_id).values_list("model_id", flat=True)
    )
    listed = listed_models_for(membership)
    kinds = kinds_of(listed)
    usable = keys.usable_keys(membership.workspace, membership.user)
    models = as_decided(listed.select_related(DECIDED).defer("suggestions"))
    rows = [
        _row(
            model,
            kinds[model.pk],
            is_favourite=model.pk in favourites,
            lacks_key=model.provider.needs_key and not usable.has(model.provider.code, model.model_id),
        )
        for model in models
        if model.pk in kinds
    ]
    return {"sections": _sections(rows, recent), "facets": _facets(rows), "count": len(rows)}


def _row(model: UpstreamModel, kinds: Sequence[str], *, is_favourite: bool, lacks_key: bool) -> PickerRow:
    facts = origin(model, lacks_key=lacks_key)
    if model.context_length:
        facts.append(f"{tokens(model.context_length)} context")
    if model.output_max:
        facts.append(f"{tokens(model.output_max)} out")
    return PickerRow(
        pk=model.pk,
        name=model.name,
        words="\n".join([model.model_id, *map(str, model.aliases)]).lower(),
        facts=" · ".join(facts),
        can=tuple(capability(name) for name in CAPABILITIES if name in model.capabilities),
        developer=model.developer,
        provider=model.provider.name,
        kinds=tuple(kinds),
        lacks_key=lacks_key,
        context=model.context_length or 0,
        output_price="" if model.output_price is None else f"{model.output_price:.0f}",
        released=f"{model.released_on:%Y%m%d}" if model.released_on else "",
        is_favourite=is_favourite,
        about=model.description,
        ends=f"end announced for {date_format(model.ends_on, 'j M Y')}" if model.ends_on else "",
        **_price(model),
    )


def _price(model: UpstreamModel) -> dict[str, str]:
    prices = (model.input_price, model.output_price)
    if prices[0] is None or prices[1] is None:
        return {"price": "price unknown", "credits": ""}
    if not any(prices):
        return {"price": "free", "credits": ""}
    about = "about " if model.list_price_on else ""
    return {"price": about + price(model), "credits": price_in_credits(model)}


def _sections(rows: list[PickerRow], recent: Sequence[int]) -> list[PickerSection]:
    """Divide the rows into sections; each row appears once, in the first section that applies."""
    by_key = {row.pk: row for row in rows}
    favourites = [row for row in rows if row.is_favourite]
    latest = [by_key[pk] for pk in recent if pk in by_key and not by_key[pk].is_favourite][:RECENT]
    above = {row.pk for row in [*favourites, *latest]}
    others = [row for row in rows if row.pk not in above]
    found = [
        PickerSection("favourites", "Favourites", favourites),
        PickerSection("recent", "Recently used", latest),
        PickerSection("all", "All others" if above else "All models", others),
    ]
    return [section for section in found if section.rows or section.code == "all"]


def _facets(rows: list[PickerRow]) -> list[Facet]:
    """Return the facets that distinguish at least two models."""
    capabilities = {name for row in rows for name in row.can}
    developers = sorted({row.developer for row in rows if row.developer}, key=str.casefold)
    providers = sorted({row.provider for row in rows}, key=str.casefold)
    kinds = sorted({kind for row in rows for kind in row.kinds})
    found = [
        Facet("keys", "Keys", "any", [("ready", "Ready to use")]),
        Facet("from", "Provider", "any", [(name, name) for name in providers]),
        Facet(
            "can",
            "Can do",
            "all",
            [(label, label) for label in map(capability, CAPABILITIES) if label in capabilities],
        ),
        Facet("context", "Minimum context", "one", [(str(least), label) for least, label in CONTEXTS]),
        Facet(
            "price", "Output price per million tokens", "one", [(str(most), label) for most, label in PRICES]
        ),
        Facet("at", "Endpoint", "any", [(kind, endpoint_label(kind)) for kind in kinds]),
        Facet("by", "Developer", "any", [(name, name) for name in developers]),
    ]
    is_idle = {
        "keys": len({row.lacks_key for row in rows}) < 2,
        "from": len(providers) < 2,
        "at": len(kinds) < 2,
        "by": len(developers) < 2,
    }
    return [facet for facet in found if not is_idle.get(facet.code)]
