"""Statements that are sent together, and plans that PostgreSQL keeps."""

from __future__ import annotations

import doctest
from typing import TYPE_CHECKING, Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.db.models import CharField

from accounts import plans
from accounts.inserting import inserting
from accounts.models import User
from accounts.prepared import prepared, prepared_update
from accounts.statements import Written, send

if TYPE_CHECKING:
    from django.db.models import QuerySet

pytestmark = pytest.mark.django_db
on_postgresql = pytest.mark.skipif("connection.vendor != 'postgresql'", reason="SQLite keeps no plans")


@prepared(email=CharField())
def people(email: Any) -> QuerySet[User]:
    return User.objects.filter(email=email, name="100 % Ann")


@prepared_update(email=CharField(), name=CharField())
def rename(email: Any, name: Any) -> tuple[QuerySet[User], dict[str, Any]]:
    return User.objects.filter(email=email), {"name": name}


def kept() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_prepared_statements WHERE name LIKE 'kept_%%'")
        return int(cursor.fetchone()[0])


def test_the_examples_hold():
    assert doctest.testmod(plans).failed == 0


def test_statements_run_in_order_and_each_has_its_result():
    ann = User(email="ann@example.org", name="Ann")
    ben = User(email="ben@example.org", name="Ben")
    both = [{"email": each.email, "name": "100 % Ann"} for each in (ann, ben)]
    found = send(
        rename.call(both),
        inserting(ann),
        inserting(ben),
        people.call(email=ann.email),
        rename.call([*both, {"email": "", "name": "x"}]),
        rename.call([]),
        people.call(email=ann.email),
    )
    assert found == [0, ann, ben, [], 2, 0, [ann]]
    assert (ann.pk, ben.pk) == tuple(User.objects.order_by("pk").values_list("pk", flat=True))


def test_a_statement_of_our_own_takes_many_rows():
    User.objects.create(email="ann@example.org", name="Ann")
    renaming = Written("UPDATE accounts_user SET name = %s WHERE email = %s")
    assert send(renaming.call([["A", "ann@example.org"], ["B", "ann@example.org"], ["C", "nobody"]])) == [2]
    assert User.objects.get().name == "B"


def test_nothing_is_sent_for_no_rows(django_assert_num_queries):
    with django_assert_num_queries(0):
        assert send(rename.call([])) == [0]


@on_postgresql
@pytest.mark.django_db(transaction=True)
def test_a_connection_keeps_a_plan_also_if_its_transaction_is_undone():
    connection.close()
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        people(email="ann@example.org")
        raise ZeroDivisionError
    assert kept() == 1
    for _ in range(8):
        assert people(email="ann@example.org") == []
    assert kept() == 1
    # Another connection has none yet.
    connection.close()
    assert kept() == 0
    assert people(email="ann@example.org") == []


@on_postgresql
@pytest.mark.django_db(transaction=True)
def test_behind_a_proxy_that_changes_connections_no_plans_are_kept(monkeypatch):
    monkeypatch.setattr(plans, "_keeps_plans", [True])
    people(email="ann@example.org")
    with connection.cursor() as cursor:
        cursor.execute("DEALLOCATE ALL")

    with pytest.raises(DatabaseError):
        people(email="ann@example.org")

    User.objects.create(email="ann@example.org", name="100 % Ann")
    assert len(people(email="ann@example.org")) == 1
    assert rename.many([{"email": "ann@example.org", "name": each} for each in "ab"]) == 2
    assert kept() == 0
