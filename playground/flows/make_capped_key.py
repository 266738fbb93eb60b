from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from django.db import transaction
from django.views.decorators.debug import sensitive_variables

from accounts import audit
from accounts.access import membership_in
from accounts.flows.replace_key import replace_key
from accounts.flows.save_key import save_key
from accounts.models import ApiKey, AuditAction, CappedKey
from accounts.permissions import Action, allows
from playground.exceptions import CapRefused
from playground.flows.note_managed_key import cap_facts, facts_of
from playground.upstream.errors.exceptions import UpstreamError

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from accounts.models import User, Workspace
    from playground.models import Provider
    from playground.upstream.managed_keys import Cap, KeyManager, MadeKey

logger = logging.getLogger(__name__)


@sensitive_variables()
def make_capped_key(
    workspace: Workspace,
    provider: Provider,
    manager: KeyManager,
    *,
    member: User | None,
    name: str,
    cap: Cap,
    may_replace: bool,
    actor: User,
) -> CappedKey:
    """Make a key at the provider and store its secret as the member's key, or as the workspace's. Blocks.

    A key that cannot be stored, or that the provider made without the cap, is deleted there again.

    :raises CapRefused: nothing new is stored; the text says whether a key is left at the provider.
    :raises UpstreamError: the provider refused to make a key, or it is not known whether it did.
    """
    if not may_replace:
        _refuse_if_stored(workspace, provider, member)
    made = manager.make_key(name, cap)
    if made.key.cap != cap or made.key.is_disabled:
        raise _taken_back(manager, made, f"{provider} made a key without this cap.")
    if not made.secret:
        raise _taken_back(manager, made, f"{provider} made a key and did not tell its secret.")
    try:
        return _store(workspace, provider, made, member, may_replace, actor)
    except CapRefused as refusal:
        raise _taken_back(manager, made, refusal.text) from None
    except Exception as error:  # noqa: BLE001
        # A key that nobody can use must not stay at the provider, whatever the error is.
        logger.error("A key with a cap could not be stored: %s", type(error).__name__)
        raise _taken_back(manager, made, "The new key could not be stored here.") from None


@sensitive_variables()
@transaction.atomic
def _store(
    workspace: Workspace,
    provider: Provider,
    made: MadeKey,
    member: User | None,
    may_replace: bool,
    actor: User,
) -> CappedKey:
    workspace.lock()
    if member is not None:
        membership = membership_in(workspace, member)
        if membership is None or not allows(membership.role, Action.OWN_KEY):
            raise CapRefused(f"{member.display_name} can no longer have a key in {workspace}.")
    if not may_replace:
        _refuse_if_stored(workspace, provider, member)
    earlier = _stored(workspace, provider, member)
    replaced = earlier.order_by("created_at", "pk").first()
    if replaced is not None:
        key = replace_key(replaced, made.secret, actor=actor)
    else:
        key = save_key(
            workspace, provider.code, made.secret, member=member, actor=actor, label=made.key.name[:80]
        )
    audit.record(
        workspace,
        AuditAction.MAKE_CAPPED_KEY,
        actor=actor,
        subject=provider,
        code=key.code,
        after={"of": audit.name_of(member) if member else "the workspace", **cap_facts(made.key)},
    )
    return CappedKey.objects.create(
        workspace=workspace,
        provider_code=provider.code,
        prefix=made.key.prefix,
        api_key=key,
        member=member,
        created_by=actor,
        **facts_of(made.key),
    )


def _stored(workspace: Workspace, provider: Provider, member: User | None) -> QuerySet[ApiKey]:
    of_owner = ApiKey.objects.filter(workspace=workspace, provider_code=provider.code, member=member)
    return of_owner.filter(is_from_environment=False)


def _refuse_if_stored(workspace: Workspace, provider: Provider, member: User | None) -> None:
    if _stored(workspace, provider, member).exists():
        whose = member.display_name if member else workspace
        raise CapRefused(
            f"{whose} already has a key for {provider}. Choose to replace it, or delete it first."
        )


def _taken_back(manager: KeyManager, made: MadeKey, why: str) -> CapRefused:
    try:
        manager.delete_key(made.key.prefix)
    except UpstreamError as error:
        logger.warning("The key %s stays at its provider: %s", made.key.prefix, error.kind)
        return CapRefused(
            f"{why} It could not be deleted again: delete “{made.key.name}”, which begins with "
            f"{made.key.prefix}, on the provider’s site."
        )
    return CapRefused(f"{why} It was deleted at the provider again.")
