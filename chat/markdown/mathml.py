"""MathML of a formula. The converter's style attributes, which the page's policy forbids, become classes."""

from __future__ import annotations

import re
from colorsys import rgb_to_hls
from functools import lru_cache

import nh3
from math_core import LatexError

from chat.markdown.converter import converted
from chat.markdown.environments import Unreadable
from chat.markdown.latex import rewritten
from chat.markdown.sanitise import MATH_ATTRIBUTES, MATH_CLASSES, MATH_TAGS

# The converter takes about 10 ns a character, but a browser lays each of them out.
LONGEST = 5_000
_DEEPEST = 30
_MOST_HTML = 100_000
_DEEPEST_HTML = 100

_LENGTH = re.compile(r"(-?\d*\.?\d+)(em|ex|px|pt|mu|%)?")

# Every declaration of the converter that decides how a formula looks.
_CLASSES = {
    "text-align:right": "m-end",
    "text-align:left": "m-start",
    "padding-right:0": "m-flush-end",
    "padding-left:0": "m-flush-start",
    "padding-left:1em": "m-case",
    "padding-top:0": "m-tight",
    "padding-left:0.2778em": "m-relation",
    "padding-left:0.2222em": "m-operation",
    "margin-left:-0.16666667em": "m-back",
    "margin-left:-0.22222222em": "m-back",
    "margin-left:-0.2777778em": "m-back",
    **{
        f"border-{side}:0.05em {kind} currentcolor": f"m-{name}-{side}"
        for side in ("left", "right", "top")
        for kind, name in (("solid", "line"), ("dashed", "dash"))
    },
}
# The text of a model cannot forge a tag: its "<" is escaped.
_STYLE = re.compile(r'(<\w[^<>]*?) style="([^"<>]*)"')
_COLOUR = re.compile(r"color:#([0-9A-Fa-f]{6})")
_HUES = (
    *((15, "m-red"), (40, "m-orange"), (65, "m-yellow"), (155, "m-green"), (195, "m-teal")),
    *((250, "m-blue"), (295, "m-purple"), (345, "m-pink"), (360, "m-red")),
)
_LAST_LINE = re.compile(
    r'<mtr><mtd style="(border-top: 0\.05em (?:solid|dashed) currentcolor);[^"<>]*"></mtd></mtr></mtable>'
)
# In our font, these arrows do not stretch to the width of what stands above them.
_ARROW = re.compile(r"(<m(?:over|under|underover)><mo[^<>]*>)([→←↔])<")
_LONGER = {"→": "⟶", "←": "⟵", "↔": "⟷"}
_TAG = re.compile(r"<(/?)(\w+)[^<>]*?(/?)>")
_DEFINED = re.compile(
    r"\\(?:(?:re|provide)?newcommand|def|gdef|let|DeclareMathOperator)\*?\s*\{?\s*(\\[a-zA-Z]+)"
)
# Tags in texts get the names of our list. Strokes are drawn by the style sheet.
_RENAMED = (
    *(("<b>", "<strong>"), ("</b>", "</strong>"), ("<i>", "<em>"), ("</i>", "</em>")),
    ('<mrow class="menclose-updiagonalstrike"></mrow>', ""),
    ('<mrow class="menclose-downdiagonalstrike"></mrow>', ""),
)


# While a list or paragraph is open, its formulas are rendered again at every new line.
@lru_cache(maxsize=512)
def mathml(source: str, *, is_block: bool) -> str:
    """Return sanitised MathML of a formula, or nothing if it must be shown as its source."""
    if not source or len(source) > LONGEST or _depth(source) > _DEEPEST or not _uses_what_it_defines(source):
        return ""
    try:
        html = converted(rewritten(source), is_block=is_block)
    except (Unreadable, LatexError):
        return ""
    except BaseException as error:
        # A panic of the converter, which is written in Rust, does not derive from Exception.
        if isinstance(error, Exception) or type(error).__name__ == "PanicException":
            return ""
        raise
    if len(html) > _MOST_HTML or _html_depth(html) > _DEEPEST_HTML:
        return ""
    html = _cleaner.clean(_STYLE.sub(_classed, _renamed(html)))
    # A formula without a sign, such as a definition alone, would be a gap in the answer.
    return html if re.sub("<[^<>]*>", "", html).strip() else ""


def _depth(source: str) -> int:
    """Return an upper bound of the nesting. Commands also take arguments without braces."""
    depth = deepest = 0
    for found in re.finditer(r"[{}]|\\(?:left|right|begin|end)\b", source):
        depth += -1 if found[0] in {"}", r"\right", r"\end"} else 1
        deepest = max(deepest, depth)
    # Commands also nest without braces: "\sqrt\sqrt\sqrt x".
    unbraced = max((len(run) for run in re.findall(r"(?:\\[a-zA-Z]+\s*){10,}", source)), default=0)
    return max(deepest, unbraced // 10)


def _html_depth(html: str) -> int:
    depth = deepest = 0
    for closing, _, empty in _TAG.findall(html):
        depth += -1 if closing else 0 if empty else 1
        deepest = max(deepest, depth)
    return deepest


def _uses_what_it_defines(source: str) -> bool:
    """Return whether every command that the formula defines is used, so that its text is shown."""
    return all(
        len(re.findall(rf"{re.escape(name)}(?![a-zA-Z])", source)) > 1 for name in _DEFINED.findall(source)
    )


def _renamed(html: str) -> str:
    for theirs, ours in _RENAMED:
        html = html.replace(theirs, ours)
    html = _ARROW.sub(lambda found: f"{found[1]}{_LONGER[found[2]]}<", html)
    # A line at the end of a grid is an empty row with a single cell.
    return _LAST_LINE.sub(
        r'<mtr><mtd columnspan="40" style="\1;padding-top:0;padding-bottom:0"></mtd></mtr></mtable>', html
    )


def _classed(found: re.Match[str]) -> str:
    declarations = [":".join(map(str.strip, one.split(":", 1))) for one in found[2].split(";")]
    names = dict.fromkeys(_CLASSES[one] for one in declarations if one in _CLASSES)
    names |= dict.fromkeys(_named(colour[1]) for one in declarations if (colour := _COLOUR.fullmatch(one)))
    return f'{found[1]} class="{" ".join(names)}"' if names else found[1]


def _named(colour: str) -> str:
    """Return the class of the closest of our colours, which can be read on light and dark ground.

    >>> [_named(one) for one in ("ff0000", "0000ff", "ffffff")]
    ['m-red', 'm-blue', 'm-grey']
    """
    red, green, blue = (int(colour[start : start + 2], 16) / 255 for start in (0, 2, 4))
    hue, lightness, saturation = rgb_to_hls(red, green, blue)
    if saturation < 0.15 or not 0.05 < lightness < 0.95:
        return "m-grey"
    return next(name for limit, name in _HUES if hue * 360 <= limit)


def _bounded(tag: str, attribute: str, value: str) -> str | None:
    """Drop lengths with which a formula could cover other parts of the page."""
    if attribute in {
        "width",
        "height",
        "depth",
        "lspace",
        "rspace",
        "minsize",
        "maxsize",
        "linethickness",
        "voffset",
    }:
        length = _LENGTH.fullmatch(value)
        limit = 400.0 if length and length[2] in {"%", "px", "pt", "mu"} else 6.0
        return value if length and abs(float(length[1])) <= limit else None
    return value


_cleaner = nh3.Cleaner(
    tags={*MATH_TAGS, "strong", "em", "s", "code"},
    # These tags are dropped with their content: \text{<script>…} would leave the script's text.
    clean_content_tags={"script", "style", "iframe", "svg"},
    attributes={tag: set(MATH_ATTRIBUTES) for tag in MATH_TAGS},
    allowed_classes={tag: set(MATH_CLASSES) for tag in MATH_TAGS},
    attribute_filter=_bounded,
    link_rel=None,
)
