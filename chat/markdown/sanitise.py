"""The strict list of tags and attributes in rendered text, and the controls that are added to it.

The parser escapes all HTML, so this is the second protection: it holds if a rule, a lexer or the
formula converter has a hole.
"""

from __future__ import annotations

import nh3

from chat.markdown.code import CODE_CSS_CLASSES

_MATH_TAGS = (
    "math mrow mi mn mo ms mtext mspace mfrac msqrt mroot mstyle mpadded mphantom menclose msub msup "
    "msubsup munder mover munderover mmultiscripts mprescripts mtable mtr mtd"
)
MATH_TAGS = frozenset(_MATH_TAGS.split())
# The list has no href, no id, no style, and nothing that loads or positions.
_MATH_ATTRIBUTES = (
    "display displaystyle scriptlevel stretchy fence form separator symmetric largeop movablelimits "
    "accent accentunder lspace rspace minsize maxsize width height depth voffset linethickness mathvariant "
    "columnspan notation"
)
MATH_ATTRIBUTES = frozenset(_MATH_ATTRIBUTES.split())
_MATH_CLASSES = (
    "m-start m-end m-flush-start m-flush-end m-case m-tight m-relation m-operation m-back "
    "m-line-left m-line-right m-line-top m-dash-left m-dash-right m-dash-top "
    "m-red m-orange m-yellow m-green m-teal m-blue m-purple m-pink m-grey"
)
MATH_CLASSES = frozenset(_MATH_CLASSES.split())
_HTML_TAGS = (
    "p br hr h3 h4 h5 h6 blockquote ul ol li strong em s sup a code pre span figure figcaption table "
    "thead tbody tr th td"
)
_TAGS = frozenset(_HTML_TAGS.split())
_OF_BLOCKS = ("p", "h3", "h4", "h5", "h6", "blockquote", "ul", "ol")
_CELL_CLASSES = {"is-right", "is-centred"}

LINK_SCHEMES = frozenset({"http", "https", "mailto"})

_cleaner = nh3.Cleaner(
    tags=set(_TAGS | MATH_TAGS),
    attributes={
        "a": {"href", "title", "data-host"},
        "span": {"title"},
        "ol": {"start"},
        **{tag: set(MATH_ATTRIBUTES) for tag in MATH_TAGS},
    },
    tag_attribute_values={tag: {"dir": {"auto"}} for tag in _OF_BLOCKS},
    set_tag_attribute_values={
        "a": {"target": "_blank"},
        # Each tag has a single attribute here: nh3 writes two in an order that differs between processes.
        "pre": {"dir": "ltr"},
        "th": {"dir": "auto"},
        "td": {"dir": "auto"},
    },
    allowed_classes={
        "a": {"link", "is-image", "has-host"},
        "span": {"code-language", "math-block", "task", "is-done", "link-blocked", *CODE_CSS_CLASSES},
        "code": {"math-source"},
        "figure": {"code"},
        "li": {"task-item"},
        "sup": {"note"},
        "th": _CELL_CLASSES,
        "td": _CELL_CLASSES,
        "p": {"plain"},
        **{tag: set(MATH_CLASSES) for tag in MATH_TAGS},
    },
    link_rel="noopener noreferrer nofollow",
    url_schemes=set(LINK_SCHEMES),
    url_relative="deny",
)

COPY_BUTTON = '<button type="button" class="code-copy" data-copy-code>Copy</button>'
TABLE_OPEN = '<div class="table-scroll" role="group" aria-label="Table" tabindex="0"><table>'
TABLE_CLOSE = "</table></div>"

# Fixed markup replaces fixed markup. Text cannot forge the left side, because its "<" is escaped.
_OURS = (
    ("</span></figcaption>", f"</span>{COPY_BUTTON}</figcaption>"),
    ('<pre dir="ltr">', '<pre dir="ltr" tabindex="0">'),
    ("<table>", TABLE_OPEN),
    ("</table>", TABLE_CLOSE),
    ('<span class="task"></span>', '<span class="task" role="img" aria-label="To do"></span>'),
    ('<span class="task is-done"></span>', '<span class="task is-done" role="img" aria-label="Done"></span>'),
    ('<span class="math-block">', '<span class="math-block" role="group" aria-label="Formula" tabindex="0">'),
)


def sanitise(html: str) -> str:
    """Return safe HTML with our controls, from the parser's HTML."""
    html = _cleaner.clean(html)
    if "<" in html:
        for theirs, ours in _OURS:
            if theirs in html:
                html = html.replace(theirs, ours)
    return html
