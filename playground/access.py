"""Access to the catalogue's objects by their ids. Users who may not use them get a 404.

Models are returned as the workspace decided they are: under its name and at its price. Such an
instance is for reading; saving it raises an error.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from django.db.models import BigIntegerField, Exists, F, FilteredRelation, OuterRef, Q, QuerySet, Subquery
from django.http import Http404

from accounts.models import Workspace
from accounts.permissions import roles_above
from accounts.prepared import Prepared, prepared
from playground.models import Endpoint, ModelSetting, Provider, RefusedParameter, UpstreamModel
from playground.prices import put_price_upon
from playground.upstream.dialects.registry import endpoint_kinds

if TYPE_CHECKING:
    from collections.abc import Iterable

    from accounts.models import Membership

_LARGEST_KEY = 2**63
# The attribute of a model of catalogue_of() that holds its workspace's setting, if there is one.
DECIDED: str = "decided"
# The one that holds the workspace's rule for models without a price: see playground.prices.
UNPRICED = "rule_without_price"
# The groups of all settings.
_GROUPS = ModelSetting.groups.through._default_manager
# The attribute of a model that holds its endpoints, once they were queried.
ENDPOINTS = "supported_endpoints"


def get_provider_for(workspace: Workspace, code: str) -> Provider:
    provider = Provider.objects.filter(code=code).first()
    if provider is None:
        raise Http404
    if provider.workspace_id not in (None, workspace.pk):
        raise Http404
    return provider


def catalogue_of(workspace: Any) -> QuerySet[UpstreamModel]:
    """Return every model of the workspace's providers in any state, for pages of admins.

    The workspace may also be a key, or a parameter of a prepared query.
    """
    return (
        UpstreamModel.objects.filter(provider__in=Provider.objects.for_workspace(workspace))
        # The join is limited to this workspace: other workspaces may have settings for the same model.
        .annotate(**{DECIDED: FilteredRelation("settings", condition=Q(settings__workspace=workspace))})
        .annotate(decision_pk=F(f"{DECIDED}__pk"))
        # The same for all rows, so databases ask for it once.
        .annotate(**{UNPRICED: Subquery(_unpriced(workspace))})
        .select_related("provider", DECIDED)
    )


def _unpriced(workspace: Any) -> QuerySet[Workspace, Any]:
    pk = workspace.pk if isinstance(workspace, Workspace) else workspace
    return Workspace.objects.filter(pk=pk).values("unpriced")


def models_for(membership: Membership) -> QuerySet[UpstreamModel]:
    """Return the models that the member can use: enabled, not retired, and permitted to their role.

    Names and prices are still the catalogue's; see :func:`as_decided`.
    """
    return _models(membership.workspace_id, membership.role, membership.pk)


def _models(workspace: Any, role: str, member: Any) -> QuerySet[UpstreamModel]:
    settings = ModelSetting.objects.filter(workspace=workspace)
    is_for_groups = Exists(_GROUPS.filter(modelsetting=OuterRef("pk"), group__members=member))
    is_for_others = Q(lowest_role__in=["", *roles_above(role)]) & ~is_for_groups
    refused = settings.filter(Q(is_enabled=False) | is_for_others)
    return (
        catalogue_of(workspace)
        .filter(provider__is_enabled=True, is_enabled=True, is_retired=False)
        .exclude(pk__in=refused.values("model"))
    )


@cache
def _with_key(role: str) -> Prepared[UpstreamModel]:
    @prepared(workspace=BigIntegerField(), member=BigIntegerField(), pk=BigIntegerField())
    def found(workspace: Any, member: Any, pk: Any) -> QuerySet[UpstreamModel]:
        return _models(workspace, role, member).filter(pk=pk)

    return found


def usable_model(membership: Membership, pk: int) -> UpstreamModel | None:
    """Return the model of :func:`models_for` with that key, as the workspace decided it is."""
    found = _with_key(membership.role)(workspace=membership.workspace_id, member=membership.pk, pk=pk)
    return as_decided(found)[0] if found else None


def listed_models_for(membership: Membership) -> QuerySet[UpstreamModel]:
    """Return the models of :func:`models_for` that the picker lists."""
    hidden = ModelSetting.objects.filter(workspace=membership.workspace_id, is_listed=False)
    return models_for(membership).exclude(pk__in=hidden.values("model"))


def as_decided(models: Iterable[UpstreamModel]) -> list[UpstreamModel]:
    """Give models of :func:`catalogue_of` the names and prices that the workspace decided."""
    found = list(models)
    for model in found:
        if setting := decision_about(model):
            setting.put_upon(model)
        put_price_upon(model, vars(model)[UNPRICED])
    return found


def decision_about(model: UpstreamModel) -> ModelSetting | None:
    """Return the workspace's setting for a model of :func:`catalogue_of`, or None.

    :raises KeyError: the model is from another query, which did not load the setting.
    """
    setting: ModelSetting | None = vars(model)[DECIDED] if vars(model)["decision_pk"] else None
    return setting


def get_model_for(membership: Membership, code: int | str) -> UpstreamModel:
    """Find a model by its primary key, by the id that the API uses, or by an alias."""
    # PostgreSQL raises an error for a parameter with a NUL.
    if "\x00" in str(code):
        raise Http404
    models = models_for(membership)
    found = None
    if str(code).isascii() and str(code).isdecimal() and len(str(code)) < 19:
        found = models.filter(pk=int(code)).first()
    found = found or models.filter(model_id=str(code)).first() or _by_alias(models, str(code))
    if found is None:
        raise Http404
    return as_decided([found])[0]


def _by_alias(models: QuerySet[UpstreamModel], alias: str) -> UpstreamModel | None:
    # Databases query JSON lists in different ways, and the aliases of a whole catalogue are few.
    named = models.exclude(aliases=[]).values_list("pk", "aliases")
    pk = next((pk for pk, aliases in named if alias in aliases), None)
    return models.filter(pk=pk).first() if pk else None


def successor_for(membership: Membership, model: UpstreamModel) -> UpstreamModel | None:
    """Return the model that the provider names as successor of this one, if the member can use it."""
    if not model.successor:
        return None
    models = models_for(membership).filter(provider=model.provider_id)
    found = models.filter(model_id=model.successor).first() or _by_alias(models, model.successor)
    return as_decided([found])[0] if found else None


def get_catalogue_model_for(membership: Membership, pk: int) -> UpstreamModel:
    """Find a model of the workspace's providers, usable or not, with the catalogue's name and prices."""
    found = catalogue_of(membership.workspace).filter(pk=pk).first() if 0 < pk < _LARGEST_KEY else None
    if found is None:
        raise Http404
    return found


def get_endpoint_for(membership: Membership, pk: int) -> Endpoint:
    """Find an endpoint that the member can call."""
    endpoint = _endpoint(pk)
    if endpoint is None:
        raise Http404
    model = usable_model(membership, endpoint.model_id)
    if model is None:
        raise Http404
    endpoint.model = model
    return endpoint


def _endpoint(pk: int) -> Endpoint | None:
    if not 0 < pk < _LARGEST_KEY:
        return None
    readable = endpoint_kinds()
    return next((endpoint for endpoint in _endpoints(pk=pk) if endpoint.kind in readable), None)


@prepared(pk=BigIntegerField())
def _endpoints(pk: Any) -> QuerySet[Endpoint]:
    # Reading the JSON of a schema takes longer than the query. It is needed once for each digest.
    return Endpoint.objects.filter(pk=pk, is_enabled=True).defer("request_schema")


def endpoints_of(model: UpstreamModel) -> list[Endpoint]:
    """Return the model's endpoints of a supported kind; queried once per instance."""
    if ENDPOINTS not in vars(model):
        readable = endpoint_kinds()
        found = [endpoint for endpoint in _endpoints_of(model=model.pk) if endpoint.kind in readable]
        for endpoint in found:
            # The assignment saves the query that reading `endpoint.model` would run.
            endpoint.model = model
        setattr(model, ENDPOINTS, found)
    return list(vars(model)[ENDPOINTS])


@prepared(model=BigIntegerField())
def _endpoints_of(model: Any) -> QuerySet[Endpoint]:
    # The flag covers all workspaces. If it is unset, pages need no query for their workspace's refusals.
    refused = RefusedParameter.objects.filter(endpoint=OuterRef("pk"))
    # The schemas are read by digest, and only for the chosen endpoint.
    endpoints = Endpoint.objects.filter(model_id=model, is_enabled=True)
    return endpoints.defer("request_schema").annotate(has_refusals=Exists(refused))


def kinds_of(models: QuerySet[UpstreamModel]) -> dict[int, list[str]]:
    """Return the supported kinds of endpoints by the key of each model that has any."""
    found: dict[int, list[str]] = {}
    endpoints = Endpoint.objects.filter(model__in=models, kind__in=endpoint_kinds(), is_enabled=True)
    for pk, kind in endpoints.values_list("model_id", "kind"):
        found.setdefault(pk, []).append(kind)
    return found


def endpoint_of(model: UpstreamModel, kind: str) -> Endpoint | None:
    """Return the model's endpoint of that kind, else its first; None for a model without endpoints."""
    endpoints = sorted(endpoints_of(model), key=lambda endpoint: (endpoint.kind != kind, endpoint.kind))
    return endpoints[0] if endpoints else None


def why_unavailable(membership: Membership, model: UpstreamModel) -> str:
    """Say in a sentence why the member cannot use a model of the catalogue; empty if they can."""
    workspace = membership.workspace
    found = as_decided(catalogue_of(workspace).filter(pk=model.pk))
    if not found:
        return "The model that was used here is no longer in the catalogue."
    model = found[0]
    setting = decision_about(model)
    if model.is_retired:
        return f"{model.name} is retired. {model.retired_because}".strip()
    if not model.is_enabled:
        return f"{model.name} was removed from {model.provider}."
    if not model.provider.is_enabled:
        return f"{model.name} cannot be used: its provider, {model.provider}, is switched off."
    if setting and not setting.is_enabled:
        return f"{model.name} is switched off in {workspace}."
    if setting and not models_for(membership).filter(pk=model.pk).exists():
        # The names of groups are for admins alone to see.
        groups = ["some groups"] if setting.groups.exists() else []
        return f"In {workspace}, {model.name} is {setting.whose(groups)}. Ask an admin if you need it."
    if not endpoints_of(model):
        return f"{model.name} has no endpoint that can be used here."
    return ""
