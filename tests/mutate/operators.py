"""The faults: pure functions from source text to mutants of it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

_OPPOSITES: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Lt: ast.GtE,
    ast.GtE: ast.Lt,
    ast.Gt: ast.LtE,
    ast.LtE: ast.Gt,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
}
_BOUNDARIES: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
}
_ARITHMETIC: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.FloorDiv,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Mult,
    ast.Mod: ast.Mult,
    ast.Pow: ast.Mult,
    ast.BitOr: ast.BitAnd,
    ast.BitAnd: ast.BitOr,
}
_REMOVABLE = (ast.Expr, ast.Assign, ast.AugAssign, ast.Raise, ast.Delete, ast.Continue, ast.Break)
# The words of log lines, of exceptions and of assertions are no behaviour.
_LOGGERS = frozenset({"logger", "logging", "warnings"})


@dataclass(frozen=True, slots=True)
class Mutant:
    """A source with one fault: ``after`` stands from ``start`` to ``end``, in place of ``before``."""

    operator: str
    line: int
    start: int
    end: int
    before: str
    after: str

    @property
    def words(self) -> str:
        return f"{self.operator}: {_short(self.before)} -> {_short(self.after)}"

    def source(self, original: str) -> str:
        return original[: self.start] + self.after + original[self.end :]


def mutants_of(source: str) -> list[Mutant]:
    """Return every mutant of a module, in the order of the text."""
    tree = ast.parse(source)
    offsets = _Offsets(source)
    found = {
        (start, end, after): Mutant(operator, node.lineno, start, end, source[start:end], after)
        for operator, node, after in _visit(tree)
        for start, end in [offsets.of(node)]
        if source[start:end] != after
    }
    return [found[key] for key in sorted(found)]


class _Offsets:
    """Positions in a text, from the lines and UTF-8 columns of its syntax tree."""

    def __init__(self, source: str) -> None:
        self._lines = source.splitlines(keepends=True)
        self._starts = [0]
        for line in self._lines:
            self._starts.append(self._starts[-1] + len(line))

    def of(self, node: ast.expr | ast.stmt) -> tuple[int, int]:
        assert node.end_lineno is not None
        assert node.end_col_offset is not None
        return self._at(node.lineno, node.col_offset), self._at(node.end_lineno, node.end_col_offset)

    def _at(self, line: int, column: int) -> int:
        text = self._lines[line - 1].encode()[:column].decode()
        return self._starts[line - 1] + len(text)


def _visit(node: ast.AST) -> Iterator[tuple[str, ast.expr | ast.stmt, str]]:
    if _is_wording(node):
        return
    if isinstance(node, ast.expr):
        yield from ((operator, node, f"({ast.unparse(after)})") for operator, after in _of_expression(node))
    elif isinstance(node, ast.stmt):
        yield from ((operator, node, after) for operator, after in _of_statement(node))
    for test in _conditions(node):
        if not isinstance(test, ast.Compare | ast.BoolOp | ast.UnaryOp):
            yield "not", test, f"(not ({ast.unparse(test)}))"
    for child in _children(node):
        yield from _visit(child)


def _children(node: ast.AST) -> Iterator[ast.AST]:
    for name, value in ast.iter_fields(node):
        # Annotations are never evaluated here; decorators and keywords only say how a class is made.
        if name in {"annotation", "returns", "decorator_list"}:
            continue
        if isinstance(node, ast.ClassDef) and name == "keywords":
            continue
        yield from (
            one for one in (value if isinstance(value, list) else [value]) if isinstance(one, ast.AST)
        )


def _of_expression(node: ast.expr) -> Iterator[tuple[str, ast.expr]]:
    match node:
        case ast.Compare(ops=[op, *_]):
            for operator, table in (("comparison", _OPPOSITES), ("boundary", _BOUNDARIES)):
                if type(op) in table:
                    yield (
                        operator,
                        ast.Compare(node.left, [table[type(op)](), *node.ops[1:]], node.comparators),
                    )
        case ast.BoolOp(op=op, values=values):
            yield "and/or", ast.BoolOp(ast.Or() if isinstance(op, ast.And) else ast.And(), values)
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            yield "not", operand
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _ARITHMETIC:
            yield "arithmetic", ast.BinOp(left, _ARITHMETIC[type(op)](), right)
        case ast.Constant(value=value):
            yield from (("constant", ast.Constant(other)) for other in _other_values(value))


def _other_values(value: object) -> Iterator[bool | float | str | bytes]:
    if isinstance(value, bool):
        yield not value
    elif isinstance(value, int | float):
        # A bound of thousands is a choice; one more is no fault.
        if value < 1000:
            yield value + 1
        if value:
            yield 0
    elif isinstance(value, str):
        yield f"{value}X"
    elif isinstance(value, bytes):
        yield value + b"X"


def _of_statement(node: ast.stmt) -> Iterator[tuple[str, str]]:
    # False is the other constant's business: callers cannot tell it from None.
    if isinstance(node, ast.Return) and node.value is not None and not _is_false(node.value):
        yield "return None", "return None"
    if isinstance(node, ast.AugAssign) and type(node.op) in _ARITHMETIC:
        changed = ast.AugAssign(node.target, _ARITHMETIC[type(node.op)](), node.value)
        yield "arithmetic", ast.unparse(changed)
    if isinstance(node, _REMOVABLE) and not _is_docstring(node) and not _is_type_alias(node):
        yield "removed statement", "pass"


def _conditions(node: ast.AST) -> list[ast.expr]:
    if isinstance(node, ast.If | ast.While | ast.IfExp):
        return [node.test]
    return list(node.ifs) if isinstance(node, ast.comprehension) else []


def _is_wording(node: ast.AST) -> bool:
    match node:
        case ast.Expr(value=ast.Call(func=ast.Attribute(value=ast.Name(id=name)))):
            return name in _LOGGERS
        case ast.Call(func=ast.Name(id=name)):
            return name.endswith(("Error", "TypeVar", "cast", "getLogger"))
        case ast.Call(func=ast.Attribute(attr="getLogger")) | ast.Assert() | ast.JoinedStr():
            return True
        case ast.Assign(targets=[ast.Name(id="__all__")]) | ast.If(test=ast.Name(id="TYPE_CHECKING")):
            return True
        case ast.Assign(value=ast.Call(func=ast.Name(id="TypeVar"))):
            return True
        case ast.Expr() | ast.Import() | ast.ImportFrom():
            return _is_docstring(node) or not isinstance(node, ast.Expr)
    return False


def _is_docstring(node: ast.AST) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _is_type_alias(node: ast.AST) -> bool:
    return (
        isinstance(node, ast.Assign)
        and isinstance(node.value, ast.Subscript)
        and _is_capital(node.targets[0])
    )


def _is_capital(node: ast.expr) -> bool:
    return isinstance(node, ast.Name) and node.id.lstrip("_")[:1].isupper() and not node.id.isupper()


def _is_false(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value in (None, False)


def _short(text: str) -> str:
    return " ".join(text.split())
