"""Every template compiles, and every name that one mentions exists."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from django.template.loader import get_template
from django.urls import URLPattern, URLResolver, get_resolver

from tests.repository import APPS, ROOT, python_files, short, static_files, templates

TEMPLATES = ROOT / "templates"
LONGEST_LINE = 160


def name_of(path: Path) -> str:
    return path.relative_to(TEMPLATES).as_posix()


def mentions(pattern: str) -> list[tuple[str, str]]:
    """Return what ``pattern`` captures in each template, with the template's path."""
    return [
        (short(path), found)
        for path in templates()
        for found in re.findall(pattern, path.read_text(encoding="utf-8"))
    ]


def url_names(resolver: URLResolver, prefix: str = "") -> set[str]:
    names: set[str] = set()
    for entry in resolver.url_patterns:
        if isinstance(entry, URLPattern):
            names |= {f"{prefix}{entry.name}"} if entry.name else set()
        elif isinstance(entry, URLResolver):
            deeper = f"{prefix}{entry.namespace}:" if entry.namespace else prefix
            names |= url_names(entry, deeper)
    return names


@pytest.mark.parametrize("path", templates(), ids=short)
def test_it_compiles(path):
    get_template(name_of(path))


def test_every_url_that_a_template_names_exists():
    known = url_names(get_resolver())
    assert [
        f"{path}: {name}" for path, name in mentions(r"""{%\s*url\s+["']([^"']+)["']""") if name not in known
    ] == []


def test_every_static_file_that_a_template_names_exists():
    assert [
        f"{path}: {name}"
        for path, name in mentions(r"""{%\s*static\s+["']([^"']+)["']""")
        if not finders.find(name)
    ] == []


def test_every_template_that_a_template_names_exists():
    assert [
        f"{path}: {name}"
        for path, name in mentions(r"""{%\s*(?:include|extends)\s+["']([^"']+)["']""")
        if not (TEMPLATES / name).exists()
    ] == []


def test_no_comment_goes_over_a_line():
    """Refuse ``{# #}`` over several lines, which Django prints as text."""
    opened = re.compile(r"\{#(?!.*#\})")
    assert [short(path) for path in templates() if opened.search(path.read_text(encoding="utf-8"))] == []


def test_every_tag_ends_on_its_line():
    """Django shows the words of a tag that does not end on its line."""
    assert [
        f"{short(path)}:{number}"
        for path in templates()
        for number, line in enumerate(path.read_text(encoding="utf-8").split("\n"), start=1)
        if line.rfind("{%") > line.rfind("%}")
    ] == []


def test_no_line_is_too_long_to_read():
    lines = [
        f"{short(path)}:{number} has {len(line)} characters"
        for path in templates()
        for number, line in enumerate(path.read_text(encoding="utf-8").split("\n"), start=1)
        if len(line) > LONGEST_LINE
    ]
    assert lines == []


def test_no_template_is_left_over():
    texts = [path.read_text(encoding="utf-8") for path in (*templates(), *python_files(*APPS))]
    # Django and allauth ask for these by name, or put the name together.
    asked_for = re.compile(r"^(?:\d{3}(?:_csrf)?\.html|account/|mfa/|django/)")
    assert [
        name
        for name in map(name_of, templates())
        if not asked_for.match(name) and not any(name in text or Path(name).name in text for text in texts)
    ] == []


def test_no_static_file_is_left_over():
    texts = [path.read_text(encoding="utf-8") for path in (*templates(), *static_files(".js", ".css"))]
    texts += [path.read_text(encoding="utf-8") for path in python_files(*APPS)]
    assert [
        short(path) for path in static_files(".js", ".css") if not any(path.name in text for text in texts)
    ] == []
