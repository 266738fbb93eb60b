from __future__ import annotations

import uuid
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.db.models import BigIntegerField, CharField, Count, DateTimeField, F, QuerySet, UUIDField
from django.db.models.expressions import Exists, OuterRef
from django.test.utils import CaptureQueriesContext
from django.utils.timezone import now

from accounts.inserting import insert, insert_all, insert_rows
from accounts.models import ApiKey, Hold, HoldPart, Limit, LimitWindow, Membership, Role, User
from accounts.prepared import fields_of, prepared, prepared_update
from chat.models import Run

pytestmark = pytest.mark.django_db

_compiled: list[str] = []


@prepared(user=BigIntegerField(), slug=CharField())
def memberships(user: Any, slug: Any) -> QuerySet[Membership]:
    _compiled.append("memberships")
    keys = ApiKey.objects.filter(member_id=user, workspace=OuterRef("workspace"))
    return (
        Membership.objects.filter(user=user, workspace__slug=slug)
        .select_related("user", "workspace")
        .annotate(has_key=Exists(keys), people=Count("workspace__memberships"))
    )


def test_it_finds_what_the_query_itself_finds(workspace, alice, bob):
    for user in (alice, bob):
        [found] = memberships(user=user.pk, slug="acme")
        [usual] = memberships._build(user=user.pk, slug="acme")
        assert found == usual and vars(found).keys() == vars(usual).keys()
        assert (found.user, found.workspace) == (user, workspace)
        assert (vars(found)["has_key"], vars(found)["people"]) == (False, 2)
        assert type(found.created_at) is type(usual.created_at)
        assert not found._state.adding and found._state.db == "default"
    assert memberships(user=alice.pk, slug="other") == []


def test_it_is_compiled_once(alice):
    memberships(user=alice.pk, slug="acme")
    _compiled.clear()
    with CaptureQueriesContext(
        connection,
    ) as queries:
        memberships(user=alice.pk, slug="acme")
        memberships(user=alice.pk, slug="other")
    assert _compiled == [] and len(queries) == 2


def test_related_objects_come_along_without_a_query(alice):
    [found] = memberships(user=alice.pk, slug="acme")
    with CaptureQueriesContext(connection) as queries:
        assert (found.user.email, found.workspace.slug) == (alice.email, "acme")
    assert len(queries) == 0


def test_it_returns_tuples_with_values_as_python_has_them(workspace, alice):
    @prepared(code=UUIDField(), before=DateTimeField())
    def codes(code: Any, before: Any) -> QuerySet[ApiKey, Any]:
        keys = ApiKey.objects.filter(code=code, created_at__lt=before)
        return keys.annotate(owner=F("member__email")).values_list("code", "created_at", "owner")

    key = ApiKey.objects.create(workspace=workspace, member=alice, provider_code="demo", token="sealed")
    assert codes(code=key.code, before=now()) == [(key.code, key.created_at, alice.email)]
    assert codes(code=uuid.uuid4(), before=now()) == []


@pytest.mark.parametrize("count", [0, 1, 2, 8, 9, 20])
def test_it_takes_lists_of_any_length(workspace, count):
    @prepared(pks=BigIntegerField(), role=CharField())
    def people(pks: Any, role: Any) -> QuerySet[User]:
        return User.objects.filter(pk__in=pks, memberships__role=role).order_by("pk")

    made = [User.objects.create(email=f"{number}@example.org") for number in range(count)]
    for user in made:
        Membership.objects.create(user=user, workspace=workspace, role=Role.MEMBER)
    assert people(pks=[user.pk for user in made], role=Role.MEMBER) == made
    assert people(pks=[user.pk for user in made], role=Role.OWNER) == []


def test_fields_that_were_left_out_are_read_when_they_are_needed(alice):
    @prepared(pk=BigIntegerField())
    def short(pk: Any) -> QuerySet[User]:
        return User.objects.filter(pk=pk).only("email")

    [found] = short(pk=alice.pk)
    assert found.get_deferred_fields() >= {"name"} and found.name == "Alice"


def test_only_models_and_tuples_are_returned(alice):
    @prepared(pk=BigIntegerField())
    def names(pk: Any) -> QuerySet[User, Any]:
        return User.objects.filter(pk=pk).values_list("name", flat=True)

    with pytest.raises(TypeError):
        names(pk=alice.pk)


def test_an_inserted_row_is_the_one_that_save_would_have_made(workspace, alice):
    usual = ApiKey(workspace=workspace, member=alice, provider_code="usual", token="sealed")
    usual.save(force_insert=True)
    made = insert(ApiKey(workspace=workspace, member=alice, provider_code="made", token="sealed"))

    assert made.pk == usual.pk + 1 and not made._state.adding
    different = {"id", "code", "provider_code", "created_at"}
    rows = ApiKey.objects.filter(pk__in=[usual.pk, made.pk]).values()
    assert len(rows) == 2
    one, other = ({name: value for name, value in row.items() if name not in different} for row in rows)
    assert one == other
    made.refresh_from_db()
    assert (made.provider_code, made.member) == ("made", alice)


@prepared_update(slug=CharField(), user=BigIntegerField(), role=CharField())
def set_role(slug: Any, user: Any, role: Any) -> tuple[QuerySet[Membership], dict[str, Any]]:
    return Membership.objects.filter(workspace__slug=slug, user_id=user), {"role": role}


def test_an_update_changes_the_rows_of_its_query_and_counts_them(workspace, alice, bob):
    assert set_role(slug="acme", user=bob.pk, role=Role.VIEWER) == 1
    assert set_role(slug="other", user=bob.pk, role=Role.OWNER) == 0
    assert Membership.objects.get(user=bob).role == Role.VIEWER
    assert Membership.objects.get(user=alice).role == Role.OWNER


def test_many_updates_are_one_call(workspace, alice, bob):
    rows = [
        {"slug": "acme", "user": alice.pk, "role": Role.ADMIN},
        {"slug": "acme", "user": bob.pk, "role": Role.ADMIN},
        {"slug": "acme", "user": -1, "role": Role.ADMIN},
    ]
    with CaptureQueriesContext(connection) as queries:
        assert set_role.many(rows) == 2
    assert len(queries) == 1
    assert Membership.objects.filter(role=Role.ADMIN).count() == 2
    assert set_role.many([]) == 0


@pytest.mark.parametrize("count", [1, 2, 8, 30])
def test_an_update_of_many_rows_tells_how_many_it_changed(workspace, count):
    users = [User.objects.create(email=f"{number}@example.org") for number in range(count)]
    for user in users:
        Membership.objects.create(user=user, workspace=workspace, role=Role.MEMBER)
    strangers = [{"slug": slug, "user": -1, "role": Role.ADMIN} for slug in ("acme", "other")]
    rows = [{"slug": "acme", "user": user.pk, "role": Role.VIEWER} for user in users]
    assert set_role.many([strangers[0], *rows, strangers[1]]) == count
    assert Membership.objects.filter(role=Role.VIEWER).count() == count
    assert set_role.many(strangers) == 0


@pytest.mark.parametrize("has_models", [True, False])
@pytest.mark.parametrize("count", [0, 1, 8, 300])
def test_rows_of_numbers_are_inserted_together(workspace, count, has_models):
    limit = Limit.objects.create(workspace=workspace, unit="credits", period="day", amount=9)
    window = LimitWindow.objects.create(limit=limit, starts_at=now())
    hold = Hold.objects.create(run_code=uuid.uuid4(), workspace=workspace, credits=1, tokens=1)
    parts = [HoldPart(hold=hold, window=window, amount=number) for number in range(count)]
    with CaptureQueriesContext(connection) as queries:
        if has_models:
            insert_all(parts)
        else:
            rows = [(hold.pk, window.pk, number) for number in range(count)]
            insert_rows(HoldPart, ("hold_id", "window_id", "amount"), rows)
    assert len(queries) == min(count, 1)
    stored = HoldPart.objects.order_by("pk").values_list("hold", "window", "amount")
    assert list(stored) == [(hold.pk, window.pk, number) for number in range(count)]


def test_an_update_stores_nothing_as_null_and_json_as_json(workspace):
    @prepared_update(code=UUIDField(), **fields_of(Run, "usage", "usd", "error"))
    def report(code: Any, **reported: Any) -> tuple[QuerySet[Run], dict[str, Any]]:
        return Run.objects.filter(code=code), reported

    run = Run.objects.create(
        workspace=workspace, lease_expires_at=now(), idempotency_key=uuid.uuid4(), error={"kind": "x"}
    )
    report(code=run.code, usage={"a": [1, None]}, usd=Decimal("0.5"), error=None)
    assert list(Run.objects.filter(error__isnull=True).values_list("usage", "usd")) == [
        ({"a": [1, None]}, Decimal("0.5"))
    ]
