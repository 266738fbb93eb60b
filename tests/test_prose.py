"""The rules of plain English that a program can check: how comments and docstrings begin."""

from __future__ import annotations

import ast
import io
import re
import tokenize
from typing import TYPE_CHECKING

from tests.repository import python_files, short, static_files, templates

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

# A comment or docstring that opens with one of these mostly lacks a subject or a verb.
NO_SUBJECT = re.compile(
    r"(?:what|who|whose|whom|whoever|whatever|of|one|as|for|so|nobody|somebody|everybody|its|to"
    r"|but|and|or|then|than)\b",
    re.IGNORECASE,
)
# A function's docstring opens with its verb in the imperative, so not with a word of these kinds.
NO_VERB = re.compile(
    r"(?:an?|the|this|that|these|those|it|they|we|every|each|all|any|some|no|none|how|why|where|when|whether"
    r"|in|on|at|after|before|while|if|by|from|with|without|because|unless|until|everything|true|false|returns"
    r"|raises|yields)\b",
    re.IGNORECASE,
)
# Shorter comments are marks of a tool.
SHORTEST = 12

Function = ast.FunctionDef | ast.AsyncFunctionDef


def comments(path: Path) -> Iterator[tuple[int, str]]:
    """Yield each comment that begins on a line of its own, with its line number."""
    text = path.read_text(encoding="utf-8")
    before = 0
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type != tokenize.COMMENT:
            continue
        is_alone = token.line.strip().startswith("#")
        # The second line of a comment goes on with its sentence.
        if is_alone and before != token.start[0] - 1 and len(token.string) > SHORTEST:
            yield token.start[0], token.string.lstrip("#: ")
        before = token.start[0] if is_alone else 0


def docstrings(path: Path) -> Iterator[tuple[ast.AST, int, str]]:
    """Yield each docstring with its node and line number."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Module | ast.ClassDef | Function) and (text := ast.get_docstring(node)):
            yield node, getattr(node, "lineno", 1), text


def is_attribute(function: Function) -> bool:
    """Return whether people read the function as an attribute or a value: a property or a fixture."""
    decorators = [ast.unparse(decorator) for decorator in function.decorator_list]
    return any(re.search(r"property|fixture|setter", decorator) for decorator in decorators)


def test_no_comment_lacks_a_subject():
    assert [
        f"{short(path)}:{line}: {text}"
        for path in python_files()
        for line, text in comments(path)
        if NO_SUBJECT.match(text)
    ] == []


def test_no_docstring_lacks_a_subject():
    assert [
        f"{short(path)}:{line}: {text.splitlines()[0]}"
        for path in python_files()
        for _, line, text in docstrings(path)
        if NO_SUBJECT.match(text)
    ] == []


def test_a_functions_docstring_opens_with_a_verb():
    assert [
        f"{short(path)}:{line}: {text.splitlines()[0]}"
        for path in python_files()
        for node, line, text in docstrings(path)
        if isinstance(node, Function)
        and not is_attribute(node)
        and not node.name.startswith("test_")
        and NO_VERB.match(text)
    ] == []


def test_comments_of_the_front_end_have_a_subject():
    opened = re.compile(r"^\s*(?://|/\*+|\{#|\*)\s*(?P<text>\S.*)$")
    wrong = []
    for path in (*static_files(".js", ".css"), *templates()):
        is_inside = False
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            found = opened.match(line)
            # The second line of a comment goes on with its sentence.
            if found and not is_inside and NO_SUBJECT.match(found["text"]):
                wrong.append(f"{short(path)}:{number}: {found['text']}")
            is_inside = found is not None
    assert wrong == []
