"""The people, models and keys that a limit is for, its units, raises and exemptions, in the ledger."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from typing import Any

import pytest

from accounts import keys, ledger
from accounts.ledger import Amounts
from accounts.models import ApiKey, Group, Hold, Limit, Membership, Period, Unit, User

pytestmark = pytest.mark.django_db


def limited(workspace, amount: int = 100, unit: str = Unit.CREDITS, **scope: Any) -> Limit:
    scope = {"period": Period.DAY, **scope}
    return Limit.objects.create(workspace=workspace, unit=unit, amount=amount, **scope)


def group_of(workspace, *people: User) -> Group:
    group = Group.objects.create(workspace=workspace, name=f"Group of {len(people)}")
    group.members.set(Membership.objects.filter(workspace=workspace, user__in=people))
    return group


def key_of(workspace, provider: str, member: User | None = None) -> ApiKey:
    key = ApiKey(workspace=workspace, member=member, provider_code=provider)
    keys.seal(key, "sk-a-key-that-is-long-enough")
    key.save()
    return key


def settle(code: uuid.UUID, credits: int = 60, read: int = 4, written: int = 6) -> None:
    held = Hold.objects.get(run_code=code)
    ledger.settle(
        code,
        Amounts(credits, read + written),
        source="priced",
        provider_code=held.provider_code,
        model_id=held.model_id,
        input_tokens=read,
        output_tokens=written,
    )


@pytest.fixture(autouse=True)
def books_agree(db):
    yield
    assert ledger.audit() == []


@pytest.fixture
def clock(monkeypatch):
    def set_to(*parts: int) -> None:
        moment = datetime(*parts).replace(tzinfo=UTC)  # type: ignore[arg-type]
        for module in ("booking", "remaining", "auditing"):
            monkeypatch.setattr(f"accounts.ledger.{module}.now", lambda: moment)

    return set_to
