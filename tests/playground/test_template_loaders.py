from __future__ import annotations

import doctest
import re

from django.conf import settings
from django.template import Engine

from playground import template_loaders
from tests.repository import short, templates

# Elements whose lines are shown as they are written, up to their end or to the first variable in them.
_AS_WRITTEN = re.compile(r"<(pre|textarea)\b.*?</\1>", re.DOTALL)
# The language of the templates goes first: it may have a ">" within a tag of HTML.
_LANGUAGE, _TAGS = re.compile(r"{%.*?%}|{{.*?}}"), re.compile(r"<[^>]*>")


def test_the_examples_hold():
    assert doctest.testmod(template_loaders).failed == 0


def test_lines_are_hardly_indented_and_still_all_there():
    name = "accounts/people.html"
    lines = Engine.get_default().get_template(name).source.splitlines()

    assert not [line for line in lines if line.startswith(("  ", "\t"))]
    written = (settings.BASE_DIR / "templates" / name).read_text(encoding="utf-8")
    assert [line.lstrip() for line in lines] == [line.lstrip() for line in written.splitlines()]


def test_no_text_that_is_shown_as_written_is_indented_in_a_template():
    assert [
        short(path)
        for path in templates()
        for element in _AS_WRITTEN.finditer(path.read_text(encoding="utf-8"))
        if re.search(r"^[ \t]+\S", _TAGS.sub("", _LANGUAGE.sub("", element[0])), re.MULTILINE)
    ] == []
