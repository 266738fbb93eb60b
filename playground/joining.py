"""The scripts and the style sheets of a page, each joined to one file.

A browser pays about three milliseconds of processor time for each file that it loads, and modules that import
modules are found one level at a time. What is joined runs in the order in which the browser would run it.

This reads our own files, not any script. A module imports ``{ names }`` or nothing, on one line, and exports
by ``export const`` and ``export class``; whatever else is refused. It becomes the body of a function, so that
its own names stay its own, and returns what it exports. A style sheet begins with its imports, which stand in
one folder, since a sheet's addresses are relative to it.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable

# The text of a file by its name.
Read = Callable[[str], str]

SCRIPT_IMPORT = re.compile(
    r'^import (?:(?P<names>\{ [\w, ]+ \}) from )?"(?P<address>\.[^"]+)";$', re.MULTILINE
)
EXPORT = re.compile(r"^export (?=(?:const|class) (?P<name>\w+))", re.MULTILINE)
# Every other form of them, none of which can stand in a function.
UNKNOWN = re.compile(r"^(?:import|export)\b.*|\bimport\.meta\b|\bimport\(", re.MULTILINE)
SHEET_IMPORT = re.compile(r'^@import "(?P<name>[\w.]+)";\n', re.MULTILINE)


class NotJoinable(Exception):
    """A module says something that only browsers understand."""


def modules_of(name: str, read: Read) -> list[str]:
    """Return the names of a module and of all that it imports, each after those that it needs.

    >>> files = {"a/one.js": 'import "./two.js";', "a/two.js": 'import { x } from "../x.js";', "x.js": ""}
    >>> modules_of("a/one.js", files.__getitem__)
    ['x.js', 'a/two.js', 'a/one.js']
    """
    found: dict[str, None] = {}

    def visit(name: str) -> None:
        if name not in found:
            found[name] = None
            for each in SCRIPT_IMPORT.finditer(read(name)):
                visit(_target(name, each))
            # A name that is set anew moves to the end.
            del found[name]
            found[name] = None

    visit(name)
    return list(found)


def joined_script(name: str, read: Read) -> str:
    return "\n".join(_as_function(each, read(each)) for each in modules_of(name, read))


def joined_sheet(name: str, read: Read) -> str:
    folder = posixpath.dirname(name)

    def text_of(found: re.Match[str]) -> str:
        return read(posixpath.join(folder, found["name"]))

    return SHEET_IMPORT.sub(text_of, read(name))


def _as_function(name: str, text: str) -> str:
    def constants(found: re.Match[str]) -> str:
        return f"const {found['names']} = {_variable(_target(name, found))};" if found["names"] else ""

    exported = [found["name"] for found in EXPORT.finditer(text)]
    body = EXPORT.sub("", SCRIPT_IMPORT.sub(constants, text))
    if unknown := UNKNOWN.search(body):
        raise NotJoinable(f"{name}: {unknown[0]}")
    return f"const {_variable(name)} = (() => {{\n{body}\nreturn {{ {', '.join(exported)} }};\n}})();\n"


def _target(name: str, found: re.Match[str]) -> str:
    return posixpath.normpath(posixpath.join(posixpath.dirname(name), found["address"]))


def _variable(name: str) -> str:
    """Return the variable that holds what a module exports.

    >>> _variable("js/shell/row_menu.js")
    'js$shell$row_menu'
    """
    return name.removesuffix(".js").replace("/", "$")
