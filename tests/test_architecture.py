"""The rules of this code base that no other tool checks, and a run of import-linter."""

from __future__ import annotations

import ast
import builtins
import keyword
import re
import statistics
import subprocess
import sys
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from django.apps import apps
from django.urls import URLPattern, URLResolver, get_resolver

from chat.archive.left_out import LEFT_OUT
from chat.archive.tables import TABLES, is_written_late
from tests.repository import APPS, CODE, ROOT, documents, python_files, short, static_files, templates

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

LONGEST_MODULE, LONGEST_TEST_MODULE, LONGEST_FUNCTION = 350, 500, 45
# Lines of half of the product's modules, and of nine in ten.
USUAL_MODULE, LARGE_MODULE = 80, 180

# Only these modules may mark text as safe HTML.
SAFE_HTML_HOMES = {
    "chat/sockets/frames.py",
    "chat/pages/rendered.py",
    "playground/parameters/form/control_html.py",
}


def offences(paths: Iterable[Path], pattern: str) -> list[str]:
    """Return the lines on which ``pattern`` is found, as ``path:line: text``."""
    found = re.compile(pattern)
    return [
        f"{short(path)}:{number}: {line.strip()}"
        for path in paths
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if found.search(line)
    ]


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def our_patterns(resolver: URLResolver) -> Iterator[URLPattern]:
    for entry in resolver.url_patterns:
        if isinstance(entry, URLResolver):
            yield from our_patterns(entry)
        elif entry.callback.__module__.split(".")[0] in APPS:
            yield entry


def product() -> tuple[Path, ...]:
    return python_files(*APPS)


def test_the_import_contracts_are_kept():
    linter = Path(sys.executable).with_name("lint-imports")
    result = subprocess.run([linter, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout + result.stderr


def test_no_file_is_too_long():
    limits = dict.fromkeys((*product(), *static_files(".js", ".css"), *templates()), LONGEST_MODULE)
    limits |= dict.fromkeys(python_files("tests", "bench"), LONGEST_TEST_MODULE)
    lengths = {path: len(path.read_text(encoding="utf-8").splitlines()) for path in limits}
    assert [f"{short(path)}: {lengths[path]}" for path in limits if lengths[path] > limits[path]] == []


def test_most_modules_are_small():
    lengths = sorted(len(path.read_text(encoding="utf-8").splitlines()) for path in product())
    assert statistics.median(lengths) <= USUAL_MODULE
    assert lengths[int(len(lengths) * 0.9)] <= LARGE_MODULE


def test_no_two_classes_of_an_app_share_a_name():
    places = defaultdict(set)
    for path in product():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            # Django looks for these two by their name.
            if isinstance(node, ast.ClassDef) and node.name not in ("Meta", "Command"):
                places[path.relative_to(ROOT).parts[0], node.name].add(short(path))
    assert {name: paths for name, paths in places.items() if len(paths) > 1} == {}


def test_a_view_is_called_as_the_last_word_of_its_url():
    wrong = []
    for pattern in our_patterns(get_resolver()):
        last = str(pattern.pattern).strip("/").rpartition("/")[2]
        view = pattern.callback.__name__
        is_taken = keyword.iskeyword(last) or hasattr(builtins, last)
        # An address that ends in an id is a page of that object.
        if last and "<" not in last and not is_taken and view != last.replace("-", "_").partition(".")[0]:
            wrong.append(f"{pattern.pattern}: {view}")
    assert wrong == []


def test_no_function_is_too_long():
    too_long = [
        f"{short(path)}:{function.lineno} {function.name}"
        for path in python_files()
        for function in functions(path)
        if (function.end_lineno or 0) - function.lineno + 1 > LONGEST_FUNCTION
    ]
    assert too_long == []


def test_no_module_is_a_drawer():
    drawers = {"utils", "helpers", "services", "common", "misc", "managers"}
    assert [short(path) for path in python_files() if drawers & {path.stem, *path.parts}] == []


def test_every_module_of_the_product_says_its_functions_types():
    bare = [
        f"{short(path)}:{function.lineno} {function.name}"
        for path in product()
        for function in functions(path)
        if function.returns is None
    ]
    assert bare == []


def test_foreign_keys_do_not_climb():
    # import-linter does not see imports by string.
    keys = [
        (model, field.remote_field.model)
        for model in apps.get_models()
        if model._meta.app_label in APPS
        for field in model._meta.fields
        if field.remote_field
    ]
    assert [
        f"{model.__name__} -> {target.__name__}"
        for model, target in keys
        if target._meta.app_label in APPS
        and APPS.index(target._meta.app_label) < APPS.index(model._meta.app_label)
    ] == []


def test_an_archive_has_every_table_or_says_why_not():
    """Without a reason, nothing of a workspace stays behind when it is moved to another installation."""
    listed = {table.label for table in TABLES} | LEFT_OUT.keys()
    models = {
        model._meta.label
        for app in APPS
        for model in apps.get_app_config(app).get_models(include_auto_created=True)
    }
    assert sorted(models - listed) == [], "Add these to chat/archive/tables.py or left_out.py."
    assert sorted(listed - models) == []
    for table in TABLES:
        for name in table.references:
            # A column that is written at the end has to be empty until then.
            assert not is_written_late(table, name) or name not in table.needed, (table.label, name)


def test_url_confs_do_not_climb():
    included = re.compile(r"""include\(\s*["'](\w+)\.""")
    climbing = [
        f"{short(path)} includes {app}"
        for path in product()
        # Only the root URL conf puts the apps together.
        if short(path) != "playground/urls.py"
        for app in included.findall(path.read_text(encoding="utf-8"))
        if app in APPS and APPS.index(app) < APPS.index(path.relative_to(ROOT).parts[0])
    ]
    assert climbing == []


def test_html_for_swapping_comes_from_templates():
    assert offences(product(), "hx-swap-oob") == []


def test_only_broadcast_wakes_up_readers():
    others = [path for path in product() if short(path) != "chat/live/broadcast.py"]
    assert offences(others, r"peers\.publish\((?!PIECES|QUEUE|PRESENCE)") == []


def test_html_is_declared_safe_in_few_places():
    others = [path for path in product() if short(path) not in SAFE_HTML_HOMES]
    assert offences(others, r"mark_safe|SafeString\(|format_html\(\s*f[\"']") == []
    assert offences(templates(), r"\|\s*safe\b|autoescape off") == []


@pytest.mark.parametrize(
    "forbidden",
    [
        pytest.param(r"<[^>]*\sstyle=", id="style attribute"),
        pytest.param(r"<[^>]*\son\w+\s*=", id="event handler attribute"),
        pytest.param(r"hx-on|hx-vals=[\"']js:|hx-vars", id="code in an htmx attribute"),
        pytest.param(r"<script(?![^>]*\bsrc=)(?![^>]*application/json)", id="inline script"),
        pytest.param(r"<style", id="inline style sheet"),
        pytest.param(
            r"(?i)(?:\bsrc|srcset|poster|action|formaction|data)=[\"'](?:https?:)?//", id="remote asset"
        ),
        pytest.param(r"<link[^>]*href=[\"'](?:https?:)?//", id="remote style sheet"),
    ],
)
def test_templates_keep_the_content_security_policy(forbidden):
    assert offences(templates(), forbidden) == []


def test_scripts_and_style_sheets_load_nothing_from_elsewhere():
    paths = static_files(".js", ".css", ".svg")
    # Names of XML vocabularies look like addresses and are none.
    assert offences(paths, r"(?:https?:|wss?:)//(?!www\.w3\.org/)") == []
    assert offences(static_files(".css"), r"url\(\s*[\"']?(?:https?:)?//") == []


def test_scripts_do_not_make_code_or_html_of_text():
    dangerous = r"\beval\(|new Function|innerHTML\s*=|outerHTML\s*=|insertAdjacentHTML|document\.write"
    # The server's templates make the content of frames, as they make pages.
    others = [path for path in static_files(".js") if path.name != "frames.js"]
    assert offences(others, dangerous) == []


def test_a_leading_underscore_means_fragment():
    # Elements, layouts, frames and the controls of parameters are told by their folder.
    elsewhere = {"elements", "layouts", "frames", "parameters", "django"}
    wrong = []
    for path in templates():
        if path.name == "base.html" or path.suffix != ".html" or elsewhere & set(path.parts):
            continue
        is_page = "{% extends" in path.read_text(encoding="utf-8")
        if is_page == path.name.startswith("_"):
            wrong.append(short(path))
    assert wrong == []


def test_nothing_is_left_for_later():
    unfinished = "TO" + "DO|FIX" + "ME|XX" + "X\\b|NotImplemented" + "Error"
    paths = [*python_files(), *templates(), *static_files(".js", ".css"), *documents()]
    assert offences(paths, unfinished) == []


def test_nothing_is_silenced_without_a_name():
    silenced = r"#\s*type:\s*ignore(?!\[)|#\s*no" + r"qa(?!:)|@pytest\.mark\.(?:xfail|skip)\b"
    assert offences(python_files(), silenced) == []


def test_no_secret_is_in_the_repository():
    keys = r"\b(?:sk|gsk|ghp|xai|hf)[-_](?:proj-)?\w{20,}|\bAKIA[A-Z0-9]{16}|BEGIN [A-Z ]*PRIVATE KEY"
    configuration = [ROOT / name for name in ("Makefile", "Dockerfile", "pyproject.toml", "compose.yaml")]
    paths = [*python_files(), *templates(), *static_files(".js"), *documents()]
    paths += [path for path in configuration if path.exists()]
    paths += [path for folder in CODE for path in (ROOT / folder).rglob("*.json")]
    # Values that tests use in place of a key are recognisable.
    invented = re.compile("canary|c4n4ry|test|example|0123456789")
    assert [line for line in offences(paths, keys) if not invented.search(line)] == []
