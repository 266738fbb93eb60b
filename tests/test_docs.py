"""A comparison of the documents with the code."""

from __future__ import annotations

import ast
import re
from typing import NamedTuple

import pytest
import yaml
from django.core.checks.registry import registry
from django.core.management import get_commands

from playground.upstream.dialects.registry import endpoint_kinds
from tests.repository import APPS, ROOT, documents, python_files, short

README = (ROOT / "README.md").read_text(encoding="utf-8")


class Variable(NamedTuple):
    name: str
    default: str | None


def variables() -> list[Variable]:
    """Return the variables that the settings read, with their defaults where those are literals."""
    tree = ast.parse((ROOT / "playground" / "settings.py").read_text(encoding="utf-8"))
    calls = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and isinstance(node.func.value, ast.Name)
        and node.func.value.id == "env"
    ]
    return [Variable(ast.literal_eval(call.args[0]), _default(call)) for call in calls]


def _default(call: ast.Call) -> str | None:
    written = [*call.args[1:2], *(keyword.value for keyword in call.keywords if keyword.arg == "default")]
    if not written or not isinstance(written[0], ast.Constant):
        return None
    return str(written[0].value).lower() if isinstance(written[0].value, bool) else str(written[0].value)


def settings_table() -> dict[str, str]:
    """Return the default column of the README's table by variable."""
    rows = re.findall(r"^\| ((?:`[A-Z_]+`(?:, )?)+) \| (.+?) \| .+ \|$", README, re.MULTILINE)
    return {name: default for names, default in rows for name in re.findall(r"`([A-Z_]+)`", names)}


def code_spans(text: str) -> list[str]:
    fenced = re.findall(r"^```\w*\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    lines = [line.split(" #")[0].strip() for block in fenced for line in block.splitlines()]
    return lines + re.findall(
        r"`([^`\n]+)`", re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL)
    )


def test_the_readme_lists_every_setting_and_no_other():
    listed = set(settings_table())
    # A secret can also stand in a file.
    assert listed == {variable.name for variable in variables()} | {
        "SECRET_KEY_FILE",
        "VAULT_KEYS_FILE",
        "OIDC_PROVIDERS_FILE",
    }


def test_the_readme_gives_the_defaults_that_apply():
    table = settings_table()
    wrong = [
        f"{variable.name}: {table[variable.name]}, not {variable.default}"
        for variable in variables()
        if variable.default and table[variable.name] != f"`{variable.default}`"
    ]
    assert wrong == []


def test_only_the_settings_read_the_environment():
    # The last of these writes code for other people, which reads a key there.
    allowed = ("playground/env.py", "playground/asgi.py", "playground/code/writing/")
    others = [
        short(path)
        for path in python_files(*APPS)
        if not short(path).startswith(allowed)
        and re.search(r"os\.(?:environ|getenv)", path.read_text(encoding="utf-8"))
    ]
    assert others == []


def test_the_readme_opens_with_what_it_is_a_picture_and_the_two_commands():
    opening = README.split("\n## ")[0]
    description, picture, commands = (opening.index(mark) for mark in ("A web application", "![", "```"))
    assert description < picture < commands
    assert opening.split("```")[1].split("\n") == ["", "make run", "make test", ""]


def test_the_ci_script_runs_what_the_readme_says():
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    for command in ("make run", "make test", "make check", "make bench"):
        assert command in script


def test_every_check_is_explained():
    explained = set(
        re.findall(r"^\| `(playground\.[EW]\d+)` \|", (ROOT / "docs" / "settings.md").read_text(), re.M)
    )
    code = (ROOT / "playground" / "checks.py").read_text(encoding="utf-8")
    assert explained == set(re.findall(r'"(playground\.[EW]\d+)"', code))
    assert {check.__module__ for check in registry.get_checks()} >= {"playground.checks"}


@pytest.mark.parametrize("path", documents(), ids=short)
class TestDocument:
    def test_its_links_lead_somewhere(self, path):
        text = path.read_text(encoding="utf-8")
        targets = [target for target in re.findall(r"\]\(([^)\s]+)\)", text) if "://" not in target]
        for target in targets:
            file, _, heading = target.partition("#")
            linked = (path.parent / file) if file else path
            assert linked.exists(), target
            if heading:
                titles = re.findall(r"^#+ (.+)$", linked.read_text(encoding="utf-8"), re.MULTILINE)
                assert heading in {title.lower().replace(" ", "-") for title in titles}, target

    def test_the_files_it_names_exist(self, path):
        named = [
            span
            for span in code_spans(path.read_text(encoding="utf-8"))
            if re.match(r"[\w.]+/[\w./]*$", span)
        ]
        folders = {entry.name for entry in ROOT.iterdir()} - {"var"}
        # Kinds of endpoints look like files.
        named = [span for span in named if span not in endpoint_kinds()]
        missing = [span for span in named if span.split("/")[0] in folders and not (ROOT / span).exists()]
        assert missing == []

    def test_the_make_targets_it_names_exist(self, path):
        known = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
        named = re.findall(
            r"^make ([a-z]+)", "\n".join(code_spans(path.read_text(encoding="utf-8"))), re.MULTILINE
        )
        assert set(named) <= known

    def test_the_commands_it_names_exist(self, path):
        named = re.findall(r"manage\.py ([a-z_]+)", path.read_text(encoding="utf-8"))
        assert set(named) <= set(get_commands())


def test_the_life_of_a_prompt_names_modules_that_exist():
    import chat.flows as flows

    text = flows.__doc__ or ""
    names = set(re.findall(r"\b(?:chat|playground|accounts)(?:\.\w+)+", text))
    assert names
    for name in names:
        parts = name.split(".")
        # The last word may be a name inside the module.
        module = [part for part in parts if not part[0].isupper()]
        path = ROOT.joinpath(*module)
        assert path.with_suffix(".py").exists() or path.is_dir(), name
    code = "\n".join(path.read_text(encoding="utf-8") for path in python_files("chat"))
    for verb in re.findall(r"``([a-z]+(?:_[a-z]+)+)``", text):
        assert f"def {verb}(" in code, verb


def test_the_compose_file_sets_what_there_is_to_set():
    written = (ROOT / "docs" / "compose" / "compose.yaml").read_text(encoding="utf-8")
    services = yaml.safe_load(written)["services"]
    ours = [service for service in services.values() if "build" in service]

    assert {name for service in ours for name in service["environment"]} <= set(settings_table())
    assert {service["command"][2] for service in ours} <= set(get_commands())
    explained = set(re.findall(r"([A-Z_]+)=", written.partition("x-playground")[0]))
    assert set(re.findall(r"[$][{]([A-Z_]+)", written)) == explained
