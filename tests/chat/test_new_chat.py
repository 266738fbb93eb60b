from __future__ import annotations

import pytest

from playground.parameters.schema.output_length import LENGTHS

pytestmark = pytest.mark.django_db

PAGE = "/w/acme/"


def test_it_is_where_a_conversation_starts(client_for, bob):
    answer = client_for(bob).get(PAGE)

    assert answer.status_code == 200
    assert b"New chat</a>" in answer.content
    assert client_for(bob).get("/").url == PAGE


def test_a_viewer_is_told_where_to_read_and_offered_nothing_to_write(client_for, vera):
    text = client_for(vera).get(PAGE).content.decode()

    assert "data-new-chat" not in text
    assert "Conversations that others share" in text


def test_whoever_only_asks_whether_it_is_there_is_answered(client, client_for, bob):
    assert client_for(bob).head(PAGE).status_code == 200
    assert client.head("/").status_code == 302


def test_other_methods_are_refused(client_for, bob):
    assert client_for(bob).post(PAGE).status_code == 405


def test_a_stranger_gets_a_404(client_for, carol):
    assert client_for(carol).get(PAGE).status_code == 404


def test_signed_out_it_asks_to_sign_in(client):
    assert client.get(PAGE).url == f"/sign-in/?next={PAGE}"


def test_its_estimate_is_told_which_parameters_limit_an_answer(client_for, bob, endpoint):
    text = client_for(bob).get(PAGE).content.decode()

    assert f'data-output-lengths="{" ".join(sorted(LENGTHS))}"' in text
