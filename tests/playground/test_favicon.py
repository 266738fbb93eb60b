from __future__ import annotations


def test_browsers_that_ask_for_the_old_address_get_the_icon(client):
    answer = client.get("/favicon.ico")

    assert answer.status_code == 302
    assert answer.url.endswith(".svg")
    assert "max-age" in answer.headers["Cache-Control"]
