"""LaTeX of models, rewritten into the LaTeX that the converter takes. What has no equivalent is refused.

The converter refuses what it does not know, but passes over some things in silence: lengths after a line
break become text, comments vanish, and every formula would begin to number its lines at 1.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from chat.markdown.chemistry import reaction
from chat.markdown.environments import Unreadable, argument, environment

# Commands without an effect on the screen, or whose effect is the surrounding page's.
_DROPPED = (
    "tiny scriptsize footnotesize small normalsize large Large LARGE huge Huge par noindent centering "
    "allowbreak nobreak strut hfill hfil relax shoveleft shoveright displaylimits"
)
# References, comments between lines and grids need more than one formula knows.
_REFUSED = frozenset({"ref", "eqref", "cite", "autoref", "intertext", "shortintertext", "multicolumn"})
_TEXTS = "text textrm textnormal textbf textit textsf texttt textmd textup mbox hbox"

_PIECE = re.compile(
    r"(?P<row>\\\\\*?(?:[ \t]*\[\s*-?[\d.]+\s*[a-z]{2}\s*\])?)"
    r"|(?P<environment>\\(?P<edge>begin|end)\s*\{(?P<name>[a-zA-Z]+)(?P<star>\*?)\})"
    r"|\\(?P<word>[a-zA-Z]+)\*?"
    r"|(?P<sign>\\[%&$#_](?=\s))"
    r"|\\."
    r"|(?P<comment>%[ \t]*\n?)",
    re.DOTALL,
)
_LAST_BREAK = re.compile(r"(?<!\\)\\\\\s*(?=\\end\s*\{)")
_DOLLAR = re.compile(r"(?<!\\)\$")
_HEX = re.compile(r"\s*(?:\[HTML\])?\{#?([0-9a-fA-F]{6})\}")


def rewritten(source: str) -> str:
    """Return LaTeX for the converter; raise ``Unreadable`` if some of it would be lost."""
    # A break before the end of an environment would be an empty line.
    source = _LAST_BREAK.sub("", source)
    is_tagged = "\\tag" in source
    out, position = list[str](), 0
    while found := _PIECE.search(source, position):
        out.append(source[position : found.start()])
        piece, position = _piece(source, found, is_tagged)
        out.append(piece)
    return "".join([*out, source[position:]])


def _piece(source: str, found: re.Match[str], is_tagged: bool) -> tuple[str, int]:
    if found["row"]:
        return "\\\\ ", found.end()
    if found["sign"]:
        # The converter drops the space after an escaped sign.
        return f"{found[0]}{{}}", found.end()
    if found["environment"]:
        return environment(source, found, is_tagged)
    if found["word"]:
        return _word(source, found)
    if found["comment"]:
        return _comment(source, found), found.end()
    return found[0], found.end()


def _comment(source: str, found: re.Match[str]) -> str:
    """Return what a bare percent sign stands for: "5%" is a number, and a comment must not vanish."""
    if found[0].endswith("\n") or found.end() == len(source):
        return "" if not source[: found.start()].rstrip()[-1:].isdigit() else r"\% "
    if source[: found.start()].rstrip()[-1:].isdigit():
        return r"\% "
    raise Unreadable("A comment would vanish.")


def _word(source: str, found: re.Match[str]) -> tuple[str, int]:
    word, end = found["word"], found.end()
    if word in _REFUSED:
        raise Unreadable(word)
    if (handler := _HANDLERS.get(word)) is not None:
        return handler(source, found)
    return found[0], end


def _dropped(source: str, found: re.Match[str]) -> tuple[str, int]:
    return " ", found.end()


def _label(source: str, found: re.Match[str]) -> tuple[str, int]:
    return "", argument(source, found.end())[1]


def _space(source: str, found: re.Match[str]) -> tuple[str, int]:
    return r"\hspace", found.end()


def _chemistry(source: str, found: re.Match[str]) -> tuple[str, int]:
    formula, end = argument(source, found.end())
    if (latex := reaction(formula)) is None:
        raise Unreadable(formula)
    return f"{{{latex}}}", end


def _bracket(source: str, found: re.Match[str]) -> tuple[str, int]:
    end = found.end()
    name = {"<": "langle ", ">": "rangle "}.get(source[end : end + 1])
    return (rf"{found[0]}\{name}", end + 1) if name else (found[0], end)


def _colour(source: str, found: re.Match[str]) -> tuple[str, int]:
    colour = _HEX.match(source, found.end())
    if colour is None:
        return found[0], found.end()
    switch = rf"\color[HTML]{{{colour[1].upper()}}}"
    if found["word"] == "color":
        return switch, colour.end()
    inside, end = argument(source, colour.end())
    return f"{{{switch} {rewritten(inside)}}}", end


def _text(source: str, found: re.Match[str]) -> tuple[str, int]:
    """Return text with formulas in it as a row of both, because the converter takes no formula in text."""
    if source[found.end() :].lstrip()[:1] != "{":
        return found[0], found.end()
    text, end = argument(source, found.end())
    parts = _DOLLAR.split(text)
    if len(parts) == 1:
        return found[0], found.end()
    if len(parts) % 2 == 0:
        raise Unreadable("A formula in a text does not end.")
    row = (
        f"{{{rewritten(part)}}}" if number % 2 else rf"{found[0]}{{{part}}}"
        for number, part in enumerate(parts)
        if part
    )
    return "".join(row), end


_HANDLERS: dict[str, Callable[[str, re.Match[str]], tuple[str, int]]] = {
    **dict.fromkeys(_DROPPED.split(), _dropped),
    **dict.fromkeys(_TEXTS.split(), _text),
    **dict.fromkeys(("ce", "cf"), _chemistry),
    **dict.fromkeys(("left", "right"), _bracket),
    **dict.fromkeys(("color", "textcolor"), _colour),
    "label": _label,
    "hspace": _space,
}
