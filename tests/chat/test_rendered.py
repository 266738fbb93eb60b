from __future__ import annotations

from chat import markdown
from chat.pages.rendered import Rendered, html_of


def test_it_renders_a_text_once_while_there_is_room(monkeypatch):
    html = markdown.render("**a**")
    rendered = Rendered(10_000)
    assert rendered.html_of("**a**") == html
    monkeypatch.setattr(markdown, "render", lambda text: "rendered again")
    assert rendered.html_of("**a**") == html
    assert rendered.html_of("**b**") == "rendered again"


def test_it_holds_no_more_than_it_may_and_lets_go_of_what_was_asked_for_longest_ago(monkeypatch):
    monkeypatch.setattr(markdown, "render", lambda text: text * 100)
    rendered = Rendered(350)
    for text in ("a", "b", "c", "a", "d"):
        assert rendered.html_of(text) == text * 100
        assert rendered.size <= 350
    monkeypatch.setattr(markdown, "render", lambda text: "again")
    assert [rendered.html_of(text)[:5] for text in ("a", "d", "b")] == ["aaaaa", "ddddd", "again"]


def test_what_is_larger_than_all_room_is_rendered_and_not_kept(monkeypatch):
    monkeypatch.setattr(markdown, "render", lambda text: text)
    rendered = Rendered(3)
    assert rendered.html_of("four") == "four"
    assert rendered.size == 0


def test_nothing_is_nothing_and_a_lone_surrogate_no_error():
    assert html_of("") == ""
    assert Rendered(100).html_of("\ud800") != Rendered(100).html_of("?")
