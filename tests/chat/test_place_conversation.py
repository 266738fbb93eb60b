from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection

from chat.flows.place_conversation import place_conversation
from chat.models import Placement

PINNED, ARCHIVED = Placement.Place.PINNED, Placement.Place.ARCHIVED


def placed() -> set[tuple[str, str]]:
    return set(Placement.objects.values_list("user__name", "place"))


@pytest.mark.django_db
def test_each_person_places_it_for_themselves(conversation, alice, bob):
    place_conversation(conversation, alice, PINNED)
    place_conversation(conversation, bob, ARCHIVED)
    assert placed() == {("Alice", "pinned"), ("Bob", "archived")}
    place_conversation(conversation, alice, ARCHIVED)
    assert placed() == {("Alice", "archived"), ("Bob", "archived")}
    for _ in range(2):
        place_conversation(conversation, alice, "")
    assert placed() == {("Bob", "archived")}


@pytest.mark.django_db
def test_a_place_that_does_not_exist_is_refused(conversation, alice):
    with pytest.raises(ValueError, match="upstairs"):
        place_conversation(conversation, alice, "upstairs")
    assert placed() == set()


@pytest.mark.django_db(transaction=True)
def test_a_double_click_makes_one_row(conversation, alice):
    ready = Barrier(4)

    def place(_: int) -> None:
        try:
            ready.wait(20)
            place_conversation(conversation, alice, PINNED)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(place, range(4)))
    assert placed() == {("Alice", "pinned")}
