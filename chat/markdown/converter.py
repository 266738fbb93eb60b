"""The converter of LaTeX to MathML Core, with commands and arrangements that it lacks."""

from __future__ import annotations

import re
import unicodedata

from math_core import LatexError, LatexToMathML

# Functions that models name as if they were commands.
_OPERATORS = (
    "Tr tr rank sgn sign diag Var Cov Corr softmax im span lcm ord sinc cis arccot arcsec arccsc arsinh"
)
_MACROS = {
    "substack": r"\begin{subarray}{c}#1\end{subarray}",
    "mathnormal": "{#1}",
    "ensuremath": "{#1}",
    "mathds": r"\mathbb{#1}",
    "mathbbm": r"\mathbb{#1}",
    "pmb": r"\boldsymbol{#1}",
    "scr": r"\mathscr{#1}",
    "smash": "{#1}",
    "cancelto": r"\cancel{#2}^{#1}",
    "colorbox": r"\text{#2}",
    "fcolorbox": r"\boxed{\text{#3}}",
    "fbox": r"\boxed{\text{#1}}",
    "abs": r"\left|#1\right|",
    "norm": r"\left\|#1\right\|",
    "dd": r"\mathrm{d}",
    "Q": r"\mathbb{Q}",
    "C": r"\mathbb{C}",
    "qed": r"\square",
    "qedsymbol": r"\square",
    "euro": r"\text{€}",
    "AA": r"\text{Å}",
    "SI": r"#1\,\mathrm{#2}",
    "si": r"\mathrm{#1}",
    "unit": r"\mathrm{#1}",
    "degreeCelsius": r"{}^{\circ}\mathrm{C}",
    "LaTeX": r"\text{LaTeX}",
    "enskip": r"\enspace",
    "mathellipsis": r"\ldots",
    "adots": r"\iddots",
    "varpropto": r"\propto",
    "shortmid": r"\mid",
    "centerdot": r"\cdot",
    "mapsfrom": "\u21a4",
    "vv": r"\overrightarrow{#1}",
    **dict.fromkeys(("rlap", "llap", "clap", "mathrlap", "mathllap", "mathclap"), "{#1}"),
    **dict.fromkeys(("mbox", "hbox", "textnormal", "textup", "textmd", "textsc"), r"\text{#1}"),
    **dict.fromkeys(("dotsc", "dotso", "hdots"), r"\ldots"),
    **dict.fromkeys(("dotsb", "dotsm", "dotsi"), r"\cdots"),
    **{name: rf"\operatorname{{{name}}}" for name in _OPERATORS.split()},
    "esssup": r"\operatorname*{ess\,sup}",
}
_converter = LatexToMathML(
    macros=_MACROS,
    fancy_error=False,
    # Wide accents stretch in our font; without them, the whole formula would be its source.
    allow_unreliable_rendering=True,
    # A definition may expand to itself.
    max_expansions=300,
)

_EDGES = re.compile(r"\\(begin|end)\{[a-z*A-Z]+\}|\\[{}&]|[{}]")


def converted(latex: str, *, is_block: bool) -> str:
    """Return MathML; raise ``LatexError`` if the formula is not understood."""
    try:
        return _converter.convert_with_local_state(_arranged(latex, is_block), displaystyle=is_block)
    except LatexError:
        # Signs that the converter does not know are text.
        as_text = re.sub(r"[^\x00-\x7f]", _sign_as_text, latex)
        if as_text == latex:
            raise
        return _converter.convert_with_local_state(_arranged(as_text, is_block), displaystyle=is_block)


def _sign_as_text(found: re.Match[str]) -> str:
    return rf"\text{{{found[0]}}}" if unicodedata.category(found[0])[0] in "SMP" else found[0]


def _arranged(latex: str, is_block: bool) -> str:
    """Return the formula with the environment that its own lines, columns or tag need."""
    if not is_block or not ("\\\\" in latex or "&" in latex or "\\tag" in latex):
        return latex
    outside = _outside(latex)
    if "\\tag" in outside:
        name = "align*" if "&" in outside else "gather*" if "\\\\" in outside else "equation*"
        return rf"\begin{{{name}}}{latex}\end{{{name}}}"
    if "&" in outside:
        return rf"\begin{{aligned}}{latex}\end{{aligned}}"
    return rf"\begin{{gathered}}{latex}\end{{gathered}}" if "\\\\" in outside else latex


def _outside(latex: str) -> str:
    """Return what is in no environment and no braces."""
    out, depth, position = list[str](), 0, 0
    for found in _EDGES.finditer(latex):
        if not depth:
            out.append(latex[position : found.start()])
        depth += 1 if found[1] == "begin" or found[0] == "{" else -1 if found[1] or found[0] == "}" else 0
        position = found.end()
    return "".join([*out, latex[position:] if not depth else ""])
