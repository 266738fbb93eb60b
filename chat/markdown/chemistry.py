"""Formulas of chemistry, as in ``\\ce{2H2O -> 2H2 + O2}``, as LaTeX.

The notation is that of the LaTeX package mhchem, as far as models use it: elements, counts, charges,
isotopes, states, bonds, arrows with text, gas and precipitate. Anything else is refused.
"""

from __future__ import annotations

import re

_ARROWS = {
    "<-->": r"\xleftrightarrow",
    "<->": r"\xleftrightarrow",
    "<=>>": r"\xrightleftharpoons",
    "<<=>": r"\xrightleftharpoons",
    "<=>": r"\xrightleftharpoons",
    "->": r"\xrightarrow",
    "<-": r"\xleftarrow",
}
_BONDS = {"-": "{-}", "=": "{=}", "#": r"{\equiv}", "~": r"{\sim}"}

_TOKEN = re.compile(
    r"(?P<space>\s+)"
    r"|(?P<arrow><-->|<->|<=>>|<<=>|<=>|->|<-)(?P<above>\[[^\[\]]*\])?(?P<below>\[[^\[\]]*\])?"
    r"|(?P<state>\((?:aq|s|l|g)\))"
    r"|\$(?P<maths>[^$]+)\$"
    r"|(?P<script>[\^_])(?:\{(?P<group>[^{}]*)\}|(?P<bare>\d*[+-]|\d+|[a-zA-Z.*]))"
    r"|(?P<mark>\^|v(?=\s|$))"
    r"|(?P<command>\\[a-zA-Z]+)"
    r"|(?P<letters>[A-Za-z]+)"
    r"|(?P<number>\d+(?:/\d+|\.\d+)?)"
    r"|(?P<bracket>[()\[\]])"
    r"|(?P<dot>[*.·])"
    r"|(?P<sign>[-+=#~])"
    r"|(?P<comma>[,;])"
)


def reaction(source: str) -> str | None:
    """Return LaTeX of a chemical formula or equation; None if some of it is not understood.

    >>> reaction("H2O")
    '\\\\mathrm{H}_{2}\\\\mathrm{O}'
    >>> reaction("SO4^2-")
    '\\\\mathrm{SO}_{4}^{2-}'
    """
    out, position = list[str](), 0
    # Whether the next number counts what comes before it, as in "H2", and not what follows, as in "2H".
    is_after = False
    while position < len(source):
        found = _TOKEN.match(source, position)
        if found is None:
            return None
        latex = _latex(found, source, is_after)
        if latex is None:
            return None
        is_after = bool(
            found["letters"] or found["script"] or found["state"] or (found["bracket"] or "") in {")", "]"}
        ) or (is_after and bool(found["number"]))
        out.append(latex)
        position = found.end()
    return "".join(out)


def _latex(found: re.Match[str], source: str, is_after: bool) -> str | None:
    if found["arrow"]:
        return _arrow(found)
    if found["script"]:
        return _script(found)
    if found["number"]:
        return f"_{{{found[0]}}}" if is_after else _count(found[0])
    if found["sign"]:
        return _sign(found, source, is_after)
    if found["mark"]:
        return r"\uparrow " if found[0] == "^" else r"\downarrow "
    if found["maths"]:
        return f"{{{found['maths']}}}"
    if found["letters"] or found["state"]:
        return rf"\mathrm{{{found[0]}}}"
    if found["dot"]:
        return r"\cdot "
    if found["command"]:
        return f"{found[0]} "
    return r"\;" if found["space"] else found[0]


def _count(number: str) -> str:
    above, slash, below = number.partition("/")
    return rf"\tfrac{{{above}}}{{{below}}}" if slash else rf"{number}\,"


def _script(found: re.Match[str]) -> str | None:
    inside = found["bare"] if found["group"] is None else found["group"]
    if re.fullmatch(r"[\w+\-.*,() ]*", inside) is None or "_" in inside:
        return None
    inside = re.sub("[A-Za-z]+", lambda letters: rf"\mathrm{{{letters[0]}}}", inside)
    # An isotope has nothing before its numbers.
    return f"{'' if found.start() else '{}'}{found['script']}{{{inside.replace('*', '{*}')}}}"


def _sign(found: re.Match[str], source: str, is_after: bool) -> str:
    following = source[found.end() : found.end() + 1]
    is_charge = is_after and found[0] in "+-" and (not following or following in " )],;^")
    if is_charge:
        return f"^{{{found[0]}}}"
    return "+" if found[0] == "+" else _BONDS[found[0]]


def _arrow(found: re.Match[str]) -> str | None:
    texts = []
    for part in (found["above"], found["below"]):
        inside = (part or "[]")[1:-1].strip()
        latex = inside if inside.startswith("\\") else reaction(inside)
        if latex is None:
            return None
        texts.append(latex)
    above, below = texts
    return f"{_ARROWS[found['arrow']]}{f'[{below}]' if below else ''}{{{above}}}"
