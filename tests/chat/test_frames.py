"""Frames are filled into forms that are rendered once: they are as if each was rendered for its run."""

from __future__ import annotations

import uuid

import pytest
from django.template.loader import get_template
from django.utils.safestring import mark_safe

from chat.live.run import LiveRun
from chat.pages.answers import live_parts
from chat.pages.receipt import live_receipt
from chat.sockets import frames
from chat.sockets.cursors import Cursor
from playground.upstream.events import TextDelta


def live_run(*events) -> LiveRun:
    live = LiveRun(1, uuid.uuid4(), uuid.uuid4())
    live.apply(list(events))
    return live


@pytest.mark.parametrize("half", ["", "reasoning-"])
@pytest.mark.parametrize("name", ["all_blocks", "blocks", "tail", "growing"])
def test_the_tags_around_a_text_name_its_run(name, half):
    for _ in range(2):
        run, content = str(uuid.uuid4()), "<p>\0code\0 & so on</p>"
        name_of_template = f"chat/frames/{name}.html"
        context = {"run_code": run, "half": half, "content": mark_safe(content)}
        whole = get_template(name_of_template).render(context).rstrip("\n")
        assert "".join(frames._slot(name_of_template, run, half, content)) == whole


def test_what_stands_beside_the_text_names_its_run():
    for _ in range(2):
        live = live_run(TextDelta("Hello"))
        found = frames.delta(live, Cursor())
        for name, context in (
            ("parts", {"parts": live_parts(live.answer)}),
            ("notice", {"queue_position": None, "notice": None}),
            ("receipt", {"receipt": live_receipt(live)}),
        ):
            whole = get_template(f"chat/frames/{name}.html").render({"run_code": live.code, **context})
            assert whole in found
        assert "\0" not in found
