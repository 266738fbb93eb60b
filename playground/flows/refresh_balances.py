"""The balances of keys, asked at the provider: on request, and now and then for keys that are in use."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import TYPE_CHECKING

from django.db.models import F, Q
from django.utils.timezone import now

from accounts import balances
from accounts.models import ApiKey
from playground import clients
from playground.models import Provider

if TYPE_CHECKING:
    from playground.clients import KeyCheck

logger = logging.getLogger(__name__)

# A key in use is asked about this often at most, however many answers it pays for.
EVERY = timedelta(minutes=10)
MOST_AT_ONCE = 5


def check_key(provider: Provider, key: ApiKey) -> KeyCheck:
    """Test a stored key at its provider and keep the balance that it reports. Blocks."""
    check = clients.check_key(provider, key)
    if check.balance is not None:
        balances.store_balance(key, check.balance.as_dict())
    return check


def due_keys() -> list[tuple[Provider, ApiKey]]:
    """Take the keys that were used since their balance was asked; no other process takes them then."""
    providers = {provider.code: provider for provider in Provider.objects.filter(kind=Provider.Type.AIMLAPI)}
    moment = now()
    was_used = Q(balance_asked_at__lt=F("last_used_at"))
    waiting = Q(balance_asked_at=None) | (was_used & Q(balance_asked_at__lt=moment - EVERY))
    found = ApiKey.objects.filter(waiting, provider_code__in=providers, last_used_at__isnull=False)
    found = found.filter(workspace__deleted_at=None)
    due = []
    for key in found.order_by("balance_asked_at", "pk")[:MOST_AT_ONCE]:
        same = ApiKey.objects.filter(pk=key.pk, balance_asked_at=key.balance_asked_at)
        if same.update(balance_asked_at=moment):
            due.append((providers[key.provider_code], key))
    return due
