from __future__ import annotations

import pytest

from accounts.models import Membership
from chat.models import Draft, Run
from chat.pages.recent_models import recent_models
from playground.models import UpstreamModel

pytestmark = pytest.mark.django_db


def test_what_was_chosen_last_comes_before_what_was_used_last(workspace, alice, queued_run, second_run):
    member = Membership.objects.get(user=alice)
    used = queued_run.endpoint.model
    assert recent_models(member) == [used.pk]
    chosen = UpstreamModel.objects.exclude(pk=used.pk)[0]
    Draft.objects.update_or_create(user=alice, workspace=workspace, defaults={"model": chosen})
    assert recent_models(member) == [chosen.pk, used.pk]


def test_it_knows_nothing_of_others_nor_of_other_workspaces(bob, carol, alice, queued_run):
    assert recent_models(Membership.objects.get(user=bob)) == []
    elsewhere = Membership.objects.get(user=carol)
    elsewhere.user = alice
    assert recent_models(elsewhere) == []


def test_a_model_that_is_gone_is_left_out(alice, queued_run):
    Run.objects.update(endpoint=None)
    Draft.objects.update(model=None)
    assert recent_models(Membership.objects.get(user=alice)) == []
