"""The list of models for admins: the workspace's whole catalogue with its settings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from accounts.models import Role
from accounts.pages.filters import ListFilters
from playground.access import catalogue_of, decision_about
from playground.models import ModelSetting
from playground.prices import is_free

if TYPE_CHECKING:
    from collections.abc import Sequence
    from decimal import Decimal

    from accounts.models import Workspace
    from playground.models import UpstreamModel

STATES = {
    "on": "On",
    "hidden": "Not listed",
    "off": "Switched off",
    "limited": "For some people only",
    "changed": "Name or price changed",
    "retired": "Retired",
}
_STATE_HELP = {
    "on": "can be chosen",
    "hidden": "people already using it can continue",
    "off": "nobody can use it",
    "retired": "the provider no longer offers it",
}


@dataclass(frozen=True, slots=True)
class ModelFilters(ListFilters):
    """Filters and order of the list. Empty filters find every model that is not retired."""

    SORTS: ClassVar = {
        "": "In the picker's order",
        "name": "By name",
        "price": "Cheapest first",
        "context": "Largest context first",
    }

    sort: str = ""
    developer: str = ""
    provider: str = ""
    can: str = ""
    state: str = ""


@dataclass(frozen=True, slots=True)
class ModelRow:
    """A model and its setting, which has default values if none is stored."""

    model: UpstreamModel
    setting: ModelSetting
    name: str
    input_price: Decimal | None
    output_price: Decimal | None
    # The names of the groups that it is for beside the roles.
    groups: tuple[str, ...] = ()

    @property
    def whose(self) -> str:
        return self.setting.whose(self.groups)

    @property
    def state(self) -> str:
        if self.model.is_retired:
            return "retired"
        if not (self.setting.is_enabled and self.model.is_enabled):
            return "off"
        return "on" if self.setting.is_listed else "hidden"

    @property
    def state_label(self) -> str:
        return STATES[self.state]

    @property
    def state_help(self) -> str:
        return _STATE_HELP[self.state]

    @property
    def is_limited(self) -> bool:
        return self.setting.lowest_role != Role.VIEWER

    @property
    def has_own_price(self) -> bool:
        return self.setting.input_price is not None or self.setting.output_price is not None

    @property
    def has_list_price(self) -> bool:
        return self.model.list_price_on is not None and not self.has_own_price

    @property
    def lacks_price(self) -> bool:
        return self.input_price is None or self.output_price is None

    @property
    def is_free(self) -> bool:
        return is_free(self.model)

    def is_in(self, state: str) -> bool:
        match state:
            case "limited":
                return self.is_limited
            case "changed":
                return bool(self.setting.name) or self.has_own_price
            case _:
                return self.state == state

    def fits(self, filters: ModelFilters) -> bool:
        model = self.model
        return (
            filters.finds(self.name, model.name, model.model_id, model.developer, *map(str, model.aliases))
            and filters.developer in ("", model.developer)
            and filters.provider in ("", model.provider.code)
            and (not filters.can or filters.can in model.capabilities)
            and (self.is_in(filters.state) if filters.state else not model.is_retired)
        )


def sorted_rows(rows: list[ModelRow], sort: str) -> list[ModelRow]:
    """Return the rows in the order that is asked for; rows without a price or a context come last."""
    match sort:
        case "name":
            return sorted(rows, key=lambda row: row.name.casefold())
        case "price":
            return sorted(rows, key=lambda row: (row.output_price is None, row.output_price or 0))
        case "context":
            return sorted(rows, key=lambda row: -(row.model.context_length or 0))
        case _:
            return rows


def unpriced_rows(rows: list[ModelRow]) -> list[ModelRow]:
    """Return the usable models for which the workspace's rule for models without a price counts."""
    return [row for row in rows if row.state in ("on", "hidden") and not row.is_free and row.lacks_price]


def model_row(model: UpstreamModel, groups: Sequence[str] = ()) -> ModelRow:
    """Make the row of a model of ``playground.access.catalogue_of``; the instance keeps its own values.

    :param groups: the names of the groups that the model is for.
    """
    setting = decision_about(model) or ModelSetting(model=model)
    return ModelRow(
        model=model,
        setting=setting,
        name=setting.name or model.name,
        input_price=model.input_price if setting.input_price is None else setting.input_price,
        output_price=model.output_price if setting.output_price is None else setting.output_price,
        groups=tuple(groups),
    )


def model_rows(workspace: Workspace) -> list[ModelRow]:
    """Make rows of all models of the workspace, in a fixed number of queries."""
    models = catalogue_of(workspace).filter(is_enabled=True).defer("description", "suggestions")
    groups: dict[int, list[str]] = {}
    named = ModelSetting.groups.through._default_manager.filter(modelsetting__workspace=workspace)
    pairs: Any = named.values_list("modelsetting__model", "group__name")
    for model, name in pairs.order_by("group__name_key"):
        groups.setdefault(model, []).append(name)
    return [model_row(model, groups.get(model.pk, ())) for model in models]
