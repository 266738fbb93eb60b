"""The line that is being written, token by token.

Rendering the open block again for every token would cost as much as the block is long. Instead the
block is rendered once per line, with ``MARK`` at the place of the new line's text. Then only that
text is rendered, from the last place where no emphasis, code or link is open.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from chat.markdown.escape import MARK, escape
from chat.markdown.parser import inline_to_html, inline_tokens

if TYPE_CHECKING:
    from markdown_it.token import Token

    from chat.markdown.parser import Env

# Only these characters have a meaning inside a line.
_SPECIAL = re.compile(r"[\\`*_\[\]<&~$]|://")
_MAY_BE_OPEN = re.compile(r"[\\`*_\[~$]")

# Only these characters can change the text before them.
_CHANGES = re.compile(r"[\\`*_\[\]<>&;)~$]")
# Plain text is parsed after this many characters, mostly because of addresses.
_PLAIN = 32

# Text is frozen in steps of this many characters if nothing in it is open, and beyond the second
# number in any case. Emphasis may then look wrong until the line is complete.
_STEP = 64
_LONGEST_OPEN = 600

# The prefix of a line's text: list markers and quote signs, or the signs of a heading.
_PREFIX = re.compile(
    r"(?:[ \t]*(?:[-+*]|\d{1,9}[.)])[ \t]+(?:\[[ xX]\][ \t]+)?|[ \t]*>[ \t]?)*"
    r"(?:[ \t]{0,3}#{1,6}[ \t]+)?[ \t]*"
)
# The prefix of an item of one list, which may be inside another or in a quotation. Only one part of the
# pattern can match a space between two signs: with two, each sign would double the ways to fail.
_ITEM = re.compile(r"(?:[ \t]*>)*[ \t]*(?:[-+*]|\d{1,9}[.)])[ \t]+")
_MARKER = re.compile(r"[-+*.)#\]]")
_DIGITS = re.compile(r"\d+")
# Text that cannot turn out to be the start of a block, whatever follows.
_CERTAIN = re.compile(r"[^\W\d_]|[\"'(“‘«„—–…¿¡.,!?%/@&]|\d+[^\d.)]|\*{1,2}[^\s*]|_{1,2}[^\s_]|`{1,2}[^`]")
# Signs that decide nothing yet: "-" may become a bullet, a rule or the underline of a heading.
_UNDECIDED = re.compile(r"[-=+*_#>`~|:.)(\[\]xX$\\\d\s]{0,8}$")


def split(line: str) -> tuple[str, str] | None:
    """Return prefix and text of an unfinished line; None if the line must be parsed as a whole."""
    end = _PREFIX.match(line).end()  # type: ignore[union-attr]  # matches anything
    return (line[:end], line[end:]) if _CERTAIN.match(line, end) else None


def is_undecided(line: str) -> bool:
    """Return whether to hide the line for now, because it would briefly look like another kind of block."""
    return _UNDECIDED.match(line) is not None


def is_fence_or_blank(line: str) -> bool:
    """Return whether an unfinished line inside code may still become the end of the code."""
    return line.strip(" \t")[:1] in {"", "`", "~"}


def split_code(line: str) -> tuple[str, str]:
    """Return indentation and text of an unfinished line inside code."""
    text = line.lstrip(" ")
    return line[: len(line) - len(text)], text


class Leaf:
    """HTML of the growing text of one line, between the HTML around it."""

    def __init__(self, around: str, prefix: str, env: Env) -> None:
        self._head, _, self._foot = around.partition(MARK)
        self.is_code = self._head.rfind("<code") > self._head.rfind("</code>")
        # Inside code, the part of the prefix that is not the code's.
        kept = len(self._head) - len(self._head.rstrip(" ")) if self.is_code else 0
        self._margin = prefix[: max(len(prefix) - kept, 0)]
        self._env = env
        self._frozen = ""
        self._done = 0
        self._next_try = _STEP
        # HTML of the first characters after the frozen ones, and how many they are.
        self._rendered, self._rendered_size = "", 0

    def followed_by(self, prefix: str, above: str, text: str) -> Leaf | None:
        """Return the leaf of the line below this one, whose prefix and text were ``above`` and ``text``.

        Return None unless the line is one more of the same kind: then the parser has to decide.
        """
        joint = self._joint_in_code(prefix) if self.is_code else self._joint(prefix, above, text)
        if joint is None:
            return None
        head = f"{self._head}{self._inside(text)}{joint}"
        return Leaf(f"{head}{MARK}{self._foot}", prefix, self._env)

    def _joint_in_code(self, prefix: str) -> str | None:
        if not self._foot.startswith("\n</code>") or not prefix.startswith(self._margin):
            return None
        return "\n" + prefix[len(self._margin) :]

    def _joint(self, prefix: str, above: str, text: str) -> str | None:
        if _ITEM.fullmatch(prefix):
            is_next = _DIGITS.sub("1", prefix) == _DIGITS.sub("1", above)
            is_tight = self._head.endswith("<li>") and self._foot.startswith("</li>")
            return "</li>\n<li>" if is_next and is_tight else None
        # The line continues the text above, unless that may end in a break of its own.
        if prefix != above or _MARKER.search(prefix) or text.endswith((" ", "\t", "\\", ">")):
            return None
        return "<br>\n" if self._foot.startswith(("</p>", "</li>")) else None

    def html(self, text: str) -> str:
        """Return the whole block with ``text`` as its last line so far. The text only grows."""
        return f"{self._head}{self._inside(text)}{self._foot}"

    def _inside(self, text: str) -> str:
        if self.is_code:
            return escape(text)
        if len(text) - self._done > self._next_try:
            self._freeze(text)
        rest = text[self._done :]
        return self._frozen + (self._render(rest) if _SPECIAL.search(rest) else escape(rest))

    def _render(self, text: str) -> str:
        size = self._rendered_size
        added = len(text) - size
        # Long text that stays open is parsed less often; its last letters are shown meanwhile.
        is_due = added > _PLAIN or _CHANGES.search(text, size) or "://" in text[max(size - 2, 0) :]
        if not size or (is_due and added > max(size - _STEP, 0) // 8):
            self._rendered = inline_to_html(inline_tokens(text, self._env), self._env)
            self._rendered_size = size = len(text)
        return self._rendered + escape(text[size:])

    def _freeze(self, text: str) -> None:
        # The cut is at a space, so that the rest is parsed as at the start of a line.
        end = text.rfind(" ", self._done, len(text) - 1) + 1
        piece = text[self._done : end]
        if not piece:
            self._next_try += _STEP
            return
        if _SPECIAL.search(piece) is None:
            html = escape(piece)
        else:
            tokens = inline_tokens(piece, self._env)
            if len(piece) < _LONGEST_OPEN and _is_open(tokens):
                self._next_try += _STEP
                return
            html = inline_to_html(tokens, self._env)
        self._frozen += html
        self._done = end
        self._next_try = _STEP
        self._rendered_size = 0


def _is_open(tokens: list[Token]) -> bool:
    """Return whether something that began in this text may end after it."""
    return any(
        child.type == "text" and _MAY_BE_OPEN.search(child.content)
        for token in tokens
        for child in token.children or ()
    )


def has_place(html: str) -> bool:
    """Return whether the mark occurs once, as text; inside a tag or attribute it would be unsafe."""
    if html.count(MARK) != 1:
        return False
    head = html.partition(MARK)[0]
    return head.rfind("<") < head.rfind(">")
