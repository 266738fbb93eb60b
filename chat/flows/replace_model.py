from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.db import transaction

from accounts import audit
from accounts.models import AuditAction
from chat.flows.switch_model import SetBefore, carried_by_switch
from chat.models import ChatDefault, Conversation, Draft, TitleSetting
from playground.access import endpoint_of, endpoints_of
from playground.exceptions import PlaygroundError
from playground.parameters.form.parameter_form import parameter_form

if TYPE_CHECKING:
    from collections.abc import Iterator

    from accounts.models import User, Workspace
    from chat.models import ComposerSetting
    from playground.carrying import CarriedTo
    from playground.models import Endpoint, UpstreamModel

# Settings that are read and written at once; databases limit the size of a statement.
BATCH = 200
_COLUMNS = ("model", "endpoint_kind", "parameters", "schema_digest", "set_aside")


class NotReplaceable(PlaygroundError):
    """The model cannot take the place of the other one. The message is a sentence for users."""


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A parameter whose value the new model does not accept, in a number of settings."""

    name: str
    reason: str
    count: int


@dataclass(slots=True)
class Replacement:
    """The settings of a workspace that have a model, and what does not fit another one."""

    conversations: int = 0
    drafts: int = 0
    titles: int = 0
    # The workspace's default model, and those of members.
    defaults: int = 0
    left: list[LeftOut] = field(default_factory=list)

    @property
    def total(self) -> int:
        return self.conversations + self.drafts + self.titles + self.defaults


def plan_replacement(
    workspace: Workspace, model: UpstreamModel, successor: UpstreamModel | None
) -> Replacement:
    """Count what a replacement would change, and list what would not fit. Nothing is written."""
    conversations, drafts = _conversations(workspace, model), _drafts(workspace, model)
    found = Replacement(
        conversations.filter(deleted_at=None).count(),
        drafts.count(),
        TitleSetting.objects.filter(workspace=workspace, model=model).count(),
        ChatDefault.objects.filter(workspace=workspace, model=model).count(),
    )
    if successor is not None and endpoints_of(successor):
        switch = _Switch(model, successor)
        for settings in (conversations.filter(deleted_at=None), drafts):
            for setting in settings.only("pk", *_COLUMNS).iterator(BATCH):
                switch.count(setting)
        found.left = switch.left
    return found


@transaction.atomic
def replace_model(
    workspace: Workspace, model: UpstreamModel, successor: UpstreamModel, *, actor: User
) -> Replacement:
    """Put another model in the place of one, in all conversations, drafts and settings of the workspace.

    Parameters are carried over as far as the other model accepts them. Answers keep what made them.
    Conversations that were deleted are changed too, since their owners can restore them.

    :raises NotReplaceable: both are the same, or the other one has no endpoint.
    """
    if successor.pk == model.pk or not endpoints_of(successor):
        raise NotReplaceable("Choose another model: this one cannot take its own place.")
    switch = _Switch(model, successor)
    done = Replacement(
        conversations=_replace(_conversations(workspace, model), switch),
        drafts=_replace(_drafts(workspace, model), switch),
        titles=TitleSetting.objects.filter(workspace=workspace, model=model).update(model=successor),
        defaults=ChatDefault.objects.filter(workspace=workspace, model=model).update(
            model=successor, model_name=successor.name
        ),
    )
    done.left = switch.left
    audit.record(
        workspace,
        AuditAction.REPLACE_MODEL,
        actor=actor,
        subject=model.model_id,
        code=f"model {model.pk}",
        after={"by": successor.model_id, "conversations": done.conversations},
    )
    return done


def _conversations(workspace: Workspace, model: UpstreamModel) -> Any:
    return Conversation.with_deleted.filter(workspace=workspace, model=model)


def _drafts(workspace: Workspace, model: UpstreamModel) -> Any:
    return Draft.objects.filter(workspace=workspace, model=model)


def _replace(settings: Any, switch: _Switch) -> int:
    """Switch the settings in batches, each locked, and return their number."""
    keys = list(settings.order_by("pk").values_list("pk", flat=True))
    for batch in _batches(keys):
        # A member may have chosen another model meanwhile, which stays.
        locked = list(settings.select_for_update().filter(pk__in=batch).only("pk", *_COLUMNS))
        for setting in locked:
            switch.count(setting)
            switch.apply(setting)
        settings.model._base_manager.bulk_update(locked, _COLUMNS)
    return len(keys)


def _batches(keys: list[int]) -> Iterator[list[int]]:
    for start in range(0, len(keys), BATCH):
        yield keys[start : start + BATCH]


class _Switch:
    """The switch of many settings from one model to another, with each set of parameters carried once."""

    def __init__(self, model: UpstreamModel, successor: UpstreamModel) -> None:
        self._model = model
        self._endpoints = {kind: endpoint_of(successor, kind) for kind in _kinds(model, successor)}
        self._fallback = endpoint_of(successor, "")
        self._known = {
            endpoint.kind: {*parameter_form(_of(model, endpoint)).fields} for endpoint in endpoints_of(model)
        }
        self._carried: dict[str, tuple[CarriedTo, dict[str, Any]]] = {}
        self._left: Counter[tuple[str, str]] = Counter()

    @property
    def left(self) -> list[LeftOut]:
        return [LeftOut(name, reason, count) for (name, reason), count in sorted(self._left.items())]

    def count(self, setting: ComposerSetting) -> None:
        carried, _ = self._of(setting)
        # Several values of one parameter may be left, such as tools. The setting counts once.
        self._left.update({(each.name, each.reason) for each in carried.dropped})

    def apply(self, setting: ComposerSetting) -> None:
        carried, set_aside = self._of(setting)
        setting.take(self._endpoint(setting), dict(carried.kept), dict(set_aside))

    def _endpoint(self, setting: ComposerSetting) -> Endpoint:
        endpoint = self._endpoints.get(setting.endpoint_kind) or self._fallback
        assert endpoint is not None  # noqa: S101 - replace_model has checked that there is one
        return endpoint

    def _of(self, setting: ComposerSetting) -> tuple[CarriedTo, dict[str, Any]]:
        key = json.dumps([setting.endpoint_kind, setting.parameters, setting.set_aside], sort_keys=True)
        if key not in self._carried:
            before = SetBefore(
                self._model.pk,
                setting.endpoint_kind,
                setting.parameters,
                setting.set_aside,
                self._extra(setting),
            )
            self._carried[key] = carried_by_switch(before, self._endpoint(setting))
        return self._carried[key]

    def _extra(self, setting: ComposerSetting) -> dict[str, int]:
        """Return the parameters that the old endpoint's schema lacks, with the key of the provider."""
        extra: dict[str, int] = dict(setting.set_aside.get("extra", {}))
        known = self._known.get(setting.endpoint_kind)
        if known is not None:
            extra |= {name: self._model.provider_id for name in setting.parameters if name not in known}
        return extra


def _kinds(*models: UpstreamModel) -> set[str]:
    return {endpoint.kind for model in models for endpoint in endpoints_of(model)}


def _of(model: UpstreamModel, endpoint: Endpoint) -> Endpoint:
    endpoint.model = model
    return endpoint
