"""Environments and arguments of LaTeX, for ``latex``."""

from __future__ import annotations

import re


class Unreadable(ValueError):
    """A formula that can only be shown as its source."""


# Environments that number their lines, and what stands for them where no line has a tag of its own.
_NUMBERED = {"align": "aligned", "gather": "gathered", "multline": "gathered", "equation": ""}
_ENVIRONMENTS = {
    "split": "aligned",
    "alignedat": "aligned",
    "multlined": "gathered",
    "smallmatrix": "matrix",
    "psmallmatrix": "pmatrix",
    "bsmallmatrix": "bmatrix",
    "vsmallmatrix": "vmatrix",
    "math": "",
    "displaymath": "",
}
_LINES = {"alignat": "align", "flalign": "align"}
_WITH_COUNT = frozenset({"alignat", "alignedat"})

_BRACES = re.compile(r"\\.|[{}]", re.DOTALL)
_REPEATED = re.compile(r"\*\{(\d{1,2})\}\{([^{}]*)\}")
_COLUMN = re.compile(r"[@!<>]\{[^{}]*\}|([pmb])\{[^{}]*\}")


def argument(source: str, start: int) -> tuple[str, int]:
    """Return the inside of the braces that open at the start, or the single sign there, and its end."""
    start += len(source[start:]) - len(source[start:].lstrip())
    if source[start : start + 1] != "{":
        raise Unreadable("An argument has no braces.")
    depth = 0
    for found in _BRACES.finditer(source, start):
        depth += {"{": 1, "}": -1}.get(found[0], 0)
        if not depth and found[0] == "}":
            return source[start + 1 : found.start()], found.end()
    raise Unreadable("Braces do not end.")


def environment(source: str, found: re.Match[str], is_tagged: bool) -> tuple[str, int]:
    """Return the begin or end of an environment by a name that the converter knows, and where it ends."""
    name, end = found["name"], found.end()
    is_begin = found["edge"] == "begin"
    if is_begin and name in _WITH_COUNT:
        end = argument(source, end)[1]
    if is_begin and found["star"] and name.endswith("matrix") and source[end : end + 1] == "[":
        end = source.find("]", end) + 1 or end
    if name == "array":
        return _array(source, found)
    if name == "eqnarray":
        return (r"\begin{array}{rcl}" if is_begin else r"\end{array}"), end
    name = _LINES.get(name, name)
    if name in _NUMBERED:
        # Numbers would start again in each formula. A tag needs the numbered kind.
        name = f"{name}*" if is_tagged else _NUMBERED[name]
    elif name.endswith("matrix"):
        name = _ENVIRONMENTS.get(name, name)
    else:
        name = _ENVIRONMENTS.get(name, f"{name}{found['star']}")
    if not name:
        return ("{" if is_begin else "}"), end
    return rf"\{found['edge']}{{{name}}}", end


def _array(source: str, found: re.Match[str]) -> tuple[str, int]:
    """Return the environment with columns that the converter knows: l, c, r and lines."""
    if found["edge"] == "end":
        return found[0], found.end()
    start = found.end()
    if source[start : start + 1] == "[":
        start = source.find("]", start) + 1 or start
    columns, end = argument(source, start)
    columns = _REPEATED.sub(lambda one: one[2] * min(int(one[1]), 40), columns)
    columns = _COLUMN.sub(lambda one: "l" if one[1] else "", columns).replace(" ", "")
    return rf"\begin{{array}}{{{columns}}}", end
