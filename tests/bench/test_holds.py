"""Requests of every kind, whose tokens a scripted provider counts in a way of its own."""

from __future__ import annotations

import pytest

from accounts import ledger
from accounts.models import Membership, Role, User
from bench.figures import percentile
from bench.hold_corpus import LANGUAGES, MODELS, corpus
from bench.holds import OF_A_MEMBER, play
from chat.flows.learn_statistics import forget_statistics

SIZE = 120


@pytest.fixture
def people(workspace):
    found = [
        User.objects.create(email=f"person{number}@example.org") for number in range(SIZE // OF_A_MEMBER)
    ]
    for person in found:
        Membership.objects.create(user=person, workspace=workspace, role=Role.MEMBER)
    yield found
    forget_statistics()


def test_the_corpus_has_every_kind():
    requests = corpus(560)
    assert requests[:50] == corpus(50)
    assert {request.language for request in requests} == set(LANGUAGES)
    assert {request.model for request in requests} == set(MODELS)
    lengths = [sum(map(len, request.turns)) for request in requests]
    assert min(lengths) < 8 < 29_000 < max(lengths) <= 30_000
    assert max(len(request.turns) for request in requests) > 20
    for kind in ("tools", "pictures", "reasoning", "max_tokens", "system"):
        assert 30 < sum(bool(getattr(request, kind)) for request in requests) < 530
    assert 20 < sum(not request.is_streamed for request in requests) < 100


@pytest.mark.django_db(transaction=True)
def test_a_hold_is_half_as_much_again_as_the_cost_and_passes_no_limit(workspace, people):
    found = play(corpus(SIZE), workspace, people)
    assert found.overruns == []
    assert (percentile(found.ratios, 0.5) or 9) <= 1.5
    assert (percentile(found.first_ratios, 0.5) or 9) <= 1.5
    # The limits are enough for a part of the requests. Cut answers count, too.
    assert found.endings["refused"] > 5
    assert found.endings["cut"] + found.endings["length"] > 5
    assert len(found.ratios) > SIZE / 2
    assert ledger.audit() == []
