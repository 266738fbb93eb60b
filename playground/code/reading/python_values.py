"""Literals of Python in a pasted program. Nothing is executed."""

from __future__ import annotations

import ast
import json
import textwrap
from typing import Any

from playground.code.reading.file_marks import mark
from playground.code.reading.json_body import read_json
from playground.code.reading.paste import COMPUTED, PasteRefused

_DEEPEST = 250


class PythonValues:
    """Evaluates literals, and the variables that the program assigns them to."""

    def __init__(self, assigned: dict[str, ast.expr]) -> None:
        self._assigned = assigned
        self._open: set[str] = set()
        self._depth = 0

    def value(self, node: ast.expr) -> Any:
        """Return the value of a literal as JSON has it.

        :raises PasteRefused: the program computes it.
        """
        self._depth += 1
        try:
            if self._depth > _DEEPEST:
                raise PasteRefused("The values are nested too deeply.", node.lineno, node.col_offset + 1)
            return self._value(node)
        finally:
            self._depth -= 1

    def _value(self, node: ast.expr) -> Any:
        match node:
            case ast.Constant(value=None | bool() | int() | float() | str()):
                return node.value
            case ast.List() | ast.Tuple():
                return self._items(node.elts)
            case ast.Dict():
                return self._object(node)
            case ast.Name(id=name):
                return self._variable(name, node)
            case ast.UnaryOp(
                op=ast.USub() | ast.UAdd() as sign, operand=ast.Constant(value=int() | float() as number)
            ):
                return -number if isinstance(sign, ast.USub) else number
            case ast.BinOp(op=ast.Add()):
                return self._text(node)
            case ast.JoinedStr(values=parts):
                return "".join(self._part(part) for part in parts)
            case ast.Call():
                return self._call(node)
        raise computed(node)

    def _items(self, nodes: list[ast.expr]) -> list[Any]:
        found = list[Any]()
        for each in nodes:
            if isinstance(each, ast.Starred):
                found += self._of(list, each.value)
            else:
                found.append(self.value(each))
        return found

    def _object(self, node: ast.Dict) -> dict[str, Any]:
        found = dict[str, Any]()
        for key, each in zip(node.keys, node.values, strict=True):
            if key is None:
                found |= self._of(dict, each)
            else:
                found[self._of(str, key)] = self.value(each)
        return found

    def _of(self, kind: type[Any], node: ast.expr) -> Any:
        value = self.value(node)
        if not isinstance(value, kind):
            raise computed(node)
        return value

    def _variable(self, name: str, node: ast.expr) -> Any:
        if name not in self._assigned or name in self._open:
            raise computed(node)
        self._open.add(name)
        try:
            return self.value(self._assigned[name])
        finally:
            self._open.discard(name)

    def _text(self, node: ast.expr) -> str:
        """Join texts that the program adds, without a level of recursion for each."""
        parts = list[str]()
        while isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
            parts.append(self._of(str, node.right))
            node = node.left
        parts.append(self._of(str, node))
        return "".join(reversed(parts))

    def _part(self, node: ast.expr) -> str:
        if isinstance(node, ast.FormattedValue):
            if node.format_spec is not None or node.conversion != -1:
                raise computed(node)
            return str(self._of(str, node.value))
        return str(self._of(str, node))

    def _call(self, node: ast.Call) -> Any:
        name = (
            ast.unparse(node.func)
            if isinstance(node.func, ast.Name | ast.Attribute) and _is_short(node.func)
            else ""
        )
        if name == "dict" and not node.args:
            return {each.arg: self.value(each.value) for each in node.keywords if each.arg}
        if name.endswith("json.loads") and len(node.args) == 1:
            return _json(self._of(str, node.args[0]), node)
        if name.endswith("json.dumps") and node.args:
            return json.dumps(self.value(node.args[0]))
        if name.endswith("dedent") and len(node.args) == 1:
            return textwrap.dedent(self._of(str, node.args[0]))
        if isinstance(node.func, ast.Attribute) and node.func.attr in ("strip", "encode") and not node.args:
            text = str(self._of(str, node.func.value))
            return text.strip() if node.func.attr == "strip" else text
        if (file := _encoded_file(node)) is not None:
            return mark(file)
        raise computed(node)


def _is_short(node: ast.expr) -> bool:
    """Return whether ``node`` is a name with attributes: others may be long."""
    while isinstance(node, ast.Attribute):
        node = node.value
    return isinstance(node, ast.Name)


def _json(text: str, node: ast.expr) -> Any:
    # A list or a text is fine as a part of a body.
    return read_json(f'{{"value": {text}}}', node.lineno)["value"]


def _encoded_file(node: ast.Call) -> str | None:
    """Return the name of the file whose base64 an expression makes; None for other expressions."""
    inner = list(ast.walk(node))
    names = {each.attr for each in inner if isinstance(each, ast.Attribute)}
    names |= {each.id for each in inner if isinstance(each, ast.Name)}
    if not names & {"b64encode", "standard_b64encode"}:
        return None
    texts = (each.value for each in inner if isinstance(each, ast.Constant))
    return next(
        (text for text in texts if isinstance(text, str) and text not in ("rb", "utf-8", "ascii")), None
    )


def computed(node: ast.expr) -> PasteRefused:
    return PasteRefused(COMPUTED, node.lineno, node.col_offset + 1)
