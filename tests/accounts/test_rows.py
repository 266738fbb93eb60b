from __future__ import annotations

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest
from django.apps import apps
from django.db import connection
from django.db.models import QuerySet
from django.db.models.signals import post_init, pre_init

from accounts.models import Membership, User
from accounts.prepared import prepared
from accounts.rows import conversions_of, converted, is_plain, maker

CODE = UUID("00000000-0000-4000-8000-0123456789ab")


def test_objects_of_every_model_can_be_made_the_quick_way():
    for model in apps.get_models():
        assert is_plain(model, [field.attname for field in model._meta.concrete_fields]), model


@pytest.mark.parametrize("signal", [pre_init, post_init])
def test_who_listens_to_new_objects_hears_of_them(signal):
    heard: list[Any] = []

    def listen(sender: Any, **_: Any) -> None:
        heard.append(sender)

    assert maker(User, ["id", "name"], "default")([1, "Alice"]).name == "Alice"
    assert not heard
    signal.connect(listen, sender=User)
    try:
        made = maker(User, ["id", "name"], "default")([1, "Alice"])
    finally:
        signal.disconnect(listen, sender=User)
    assert (made.name, heard) == ("Alice", [User])


def test_a_class_that_makes_its_objects_itself_does_so():
    class Counting(User):
        class Meta:
            proxy = True
            app_label = "accounts"

        def __init__(self, *args: Any) -> None:
            super().__init__(*args)
            self.is_counted = True

    try:
        assert maker(Counting, ["id", "name"], "default")([1, "Alice"]).is_counted
    finally:
        del apps.all_models["accounts"]["counting"]
        apps.clear_cache()


@pytest.mark.django_db
def test_an_object_is_like_that_of_the_query_in_every_attribute(workspace, alice):
    def build() -> QuerySet[Membership]:
        return Membership.objects.select_related("user", "workspace").filter(user=alice)

    [made], [usual] = prepared()(build)(), build()
    for one, other in ((made, usual), (made.user, usual.user), (made.workspace, usual.workspace)):
        assert type(one) is type(other)
        ours, theirs = vars(one).copy(), vars(other).copy()
        state, expected = ours.pop("_state"), theirs.pop("_state")
        assert ours == theirs
        assert (state.db, state.adding, state.fields_cache) == (
            expected.db,
            expected.adding,
            expected.fields_cache,
        )
        assert not one.get_deferred_fields()
    made.user.name = "Somebody"
    assert usual.user.name == "Alice"


@pytest.mark.parametrize(
    ("kind", "raw"),
    [
        ("uuidfield", CODE.hex),
        ("uuidfield", str(CODE)),
        ("uuidfield", None),
        ("datetimefield", datetime(2026, 3, 1, 12, 30, 0, 5)),
        ("datetimefield", datetime(2026, 3, 1, 12, 30, tzinfo=UTC)),
        ("datetimefield", "2026-03-01 12:30:00.000005"),
        ("datetimefield", None),
    ],
)
def test_values_of_sqlite_are_read_as_django_reads_them(kind, raw):
    if connection.vendor != "sqlite":
        pytest.skip("PostgreSQL's driver converts them")
    convert = getattr(connection.ops, f"convert_{kind}_value")
    conversions = conversions_of({1: ([convert], None)}, connection)
    [[first, value]] = converted([("kept", raw)], conversions, connection)
    assert (first, value) == ("kept", convert(raw, None, connection))
    assert conversions[0][1] != convert


def test_other_converters_stay_and_run_in_their_order():
    conversions = conversions_of(
        {0: ([lambda value, *_: value + 1, lambda value, *_: value * 2], None)},
        SimpleNamespace(vendor="other", ops=None),
    )
    assert list(converted([(1,), (2,)], conversions, None)) == [[4], [6]]
