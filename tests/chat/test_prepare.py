from __future__ import annotations

import io

import pytest
from django.core.management import call_command

from accounts.models import Membership, Role, User
from playground.models import UpstreamModel


@pytest.fixture
def prepare(settings, tmp_path, db):
    settings.STATIC_ROOT = tmp_path / "static"

    def run() -> str:
        out = io.StringIO()
        call_command("prepare", stdout=out)
        return out.getvalue()

    return run


def test_it_leaves_an_installation_that_can_answer(prepare, settings):
    said = prepare()
    assert settings.PUBLIC_ORIGIN in said
    owner = User.objects.get()
    assert owner.email in said
    assert Membership.objects.get(user=owner).role == Role.OWNER
    assert UpstreamModel.objects.filter(provider__code="demo", is_enabled=True).exists()
    assert any(settings.STATIC_ROOT.rglob("*.js"))


def test_it_prints_a_password_that_works_once(prepare, client):
    password = prepare().split("Password ")[1].split()[0]
    owner = User.objects.get()
    assert owner.check_password(password)
    assert password not in prepare()


def test_it_changes_nothing_the_second_time(prepare, django_assert_max_num_queries):
    prepare()
    before = (
        list(UpstreamModel.objects.order_by("pk").values()),
        list(User.objects.values_list("pk", "password")),
    )
    with django_assert_max_num_queries(60):
        prepare()
    after = (
        list(UpstreamModel.objects.order_by("pk").values()),
        list(User.objects.values_list("pk", "password")),
    )
    assert before == after
