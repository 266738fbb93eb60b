"""Code blocks: a figure with all that the fence says, a copy button (added by ``sanitise``) and colours."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from time import thread_time
from typing import TYPE_CHECKING

from pygments.lexers import get_lexer_by_name
from pygments.token import Token as Kind
from pygments.util import ClassNotFound

from chat.markdown.escape import escape

if TYPE_CHECKING:
    from pygments.lexer import Lexer
    from pygments.token import _TokenType

# Lexing runs at about 2 us a character: beyond these sizes a page or a stream would stall.
BLOCK_LIMIT = 10_000
MESSAGE_LIMIT = 200_000

# Some lexers need quadratic time for long lines or for runs of blank ones, and the model chooses
# both the lexer and the text: 10,000 blank lines of Java took six seconds.
_LONGEST_LINE = 1_000
_CPU_SECONDS = 0.1
_TOKENS_BETWEEN_LOOKS = 16

# Languages that models name. Fewer lexers are fewer risks.
_LANGUAGE_NAMES = (
    "bash sh shell zsh console c cpp c++ csharp c# cs css scss dart diff docker dockerfile elixir "
    "erlang fish go golang graphql groovy haskell hs hcl terraform html http ini cfg toml java "
    "javascript js jsx json json5 julia kotlin latex tex lua make makefile nginx nix objective-c "
    "ocaml perl php postgresql powershell ps1 proto protobuf python py python3 pycon r rb ruby rs "
    "rust scala sql sqlite3 swift ts tsx typescript vim vue xml yaml yml zig"
)
_LANGUAGES = frozenset(_LANGUAGE_NAMES.split())
_LANGUAGE = re.compile(r"[\w#+.-]{1,32}")

# There are few classes: a span for every name and comma would make the HTML five times as long.
_CLASSES: dict[_TokenType, str] = {
    Kind.Comment: "hl-comment",
    Kind.Comment.Preproc: "hl-meta",
    Kind.Keyword: "hl-keyword",
    Kind.Keyword.Type: "hl-type",
    Kind.Keyword.Constant: "hl-constant",
    Kind.Operator.Word: "hl-keyword",
    Kind.Name.Builtin: "hl-type",
    # Names such as "self" are on every line and get no colour.
    Kind.Name.Builtin.Pseudo: "",
    Kind.Name.Class: "hl-type",
    Kind.Name.Exception: "hl-type",
    Kind.Name.Constant: "hl-constant",
    Kind.Name.Function: "hl-function",
    Kind.Name.Function.Magic: "hl-function",
    Kind.Name.Decorator: "hl-meta",
    Kind.Name.Tag: "hl-keyword",
    Kind.Name.Attribute: "hl-attribute",
    Kind.Name.Variable: "hl-attribute",
    Kind.Name.Entity: "hl-constant",
    Kind.Literal: "hl-constant",
    Kind.Number: "hl-number",
    Kind.String: "hl-string",
    Kind.String.Escape: "hl-constant",
    Kind.String.Interpol: "hl-constant",
    Kind.String.Regex: "hl-constant",
    Kind.Generic.Heading: "hl-meta",
    Kind.Generic.Subheading: "hl-meta",
    Kind.Generic.Inserted: "hl-inserted",
    Kind.Generic.Deleted: "hl-deleted",
    Kind.Generic.Prompt: "hl-comment",
    Kind.Generic.Output: "hl-comment",
}
CODE_CSS_CLASSES = frozenset(filter(None, _CLASSES.values()))

# The open figure ends in a code element that the page may append to.
OPEN_FIGURE = (
    '<figure class="code"><figcaption><span class="code-language">{language}</span></figcaption>'
    '<pre dir="ltr" tabindex="0"><code class="growing">'
)
END_OF_FIGURE = "</code></pre></figure>\n"


def language_of(info: str) -> str:
    """Return the language on the first line of a fence, if it looks like one.

    >>> language_of(" Python title=x.py")
    'python'
    """
    first, *_ = info.split(maxsplit=1) or [""]
    return first.lower() if _LANGUAGE.fullmatch(first) else ""


def figure(code: str, info: str, *, is_coloured: bool) -> str:
    """Return HTML of a finished code block, not yet sanitised. Its label is all that the fence says."""
    # A fence that was never closed may have stopped inside a line.
    code = code if not code or code.endswith("\n") else f"{code}\n"
    content = colour(code, language_of(info)) if is_coloured else escape(code)
    return (
        f'<figure class="code"><figcaption><span class="code-language">{escape(info)}</span></figcaption>'
        f"<pre><code>{content}</code></pre></figure>\n"
    )


def colour(code: str, language: str) -> str:
    """Return escaped code with spans of ``CODE_CSS_CLASSES``, or without spans for unknown languages."""
    return "".join(
        f'<span class="{name}">{escape(text)}</span>' if name else escape(text)
        for name, text in coloured(code, language)
    )


def coloured(code: str, language: str) -> list[tuple[str, str]]:
    """Return pieces of code with a class of ``CODE_CSS_CLASSES`` each, or none for plain code."""
    lexer = _lexer(language) if len(code) <= BLOCK_LIMIT else None
    if lexer is None or max(map(len, code.split("\n"))) > _LONGEST_LINE:
        return [("", code)]
    pieces = list(_pieces(lexer, code))
    # Some lexers add a line end, and all drop a byte order mark.
    if "".join(text for _, text in pieces) != code:
        return [("", code)]
    return list(_joined(pieces))


def _pieces(lexer: Lexer, code: str) -> Iterator[tuple[str, str]]:
    """Yield class and text of each token. The rest has no class once the time is used up."""
    deadline = thread_time() + _CPU_SECONDS
    done = 0
    for number, (kind, text) in enumerate(lexer.get_tokens(code)):
        if number % _TOKENS_BETWEEN_LOOKS == 0 and thread_time() > deadline:
            yield "", code[done:]
            return
        done += len(text)
        yield _class_of(kind), text


def _joined(pieces: list[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """Yield neighbours of the same class as one."""
    current, parts = "", list[str]()
    for name, text in pieces:
        # White space has no colour, so it does not end a span.
        if name != current and not text.isspace():
            if parts:
                yield current, "".join(parts)
            current, parts = name, []
        parts.append(text)
    if parts:
        yield current, "".join(parts)


@lru_cache(maxsize=512)
def _class_of(kind: _TokenType) -> str:
    known: _TokenType | None = kind
    while known is not None and known not in _CLASSES:
        known = known.parent
    return _CLASSES[known] if known is not None else ""


@lru_cache(maxsize=128)
def _lexer(language: str) -> Lexer | None:
    if language not in _LANGUAGES:
        return None
    try:
        return get_lexer_by_name(language, stripnl=False, ensurenl=False)
    except ClassNotFound:
        return None
