"""Questions that the demo can answer correctly, with the steps to the answer."""

from __future__ import annotations

import ast
import operator
import re
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction


@dataclass(frozen=True, slots=True)
class Solved:
    steps: tuple[str, ...]
    answer: str


_LOOKED_AT = 500


def solve(prompt: str) -> Solved | None:
    """Solve a prompt that asks for one of the skills; return None for any other."""
    # The patterns backtrack, so the text must be short.
    prompt = prompt[:_LOOKED_AT]
    return letters(prompt) or prime(prompt) or arithmetic(prompt)


_LETTER = re.compile(
    r"\b(?:how (?:many|often)|count)\b.*?\bletter\W+([^\W\d_])\b.*?\bin\b(?: the word)?\W+([^\W\d_]{2,40})|"
    r"\bhow many\W+([^\W\d_])(?:'?s)?\b.*?\bin\b(?: the word)?\W+([^\W\d_]{2,40})",
    re.IGNORECASE | re.DOTALL,
)


def letters(prompt: str) -> Solved | None:
    """Count a letter in a word.

    >>> letters("How many r are in strawberry?").answer
    'The letter “r” occurs 3 times in “strawberry”.'
    """
    found = _LETTER.search(prompt)
    if not found:
        return None
    letter, word = (found[1] or found[3]).lower(), (found[2] or found[4])
    steps = [f"Spell it slowly: {' · '.join(word)}."]
    count = 0
    for place, character in enumerate(word, start=1):
        if character.lower() == letter:
            count += 1
            steps.append(f"Letter {place} is “{character}”: that makes {count}.")
    steps.append("No more letters. " + ("None matched." if not count else f"The count stays at {count}."))
    times = "once" if count == 1 else f"{count} times"
    return Solved(tuple(steps), f"The letter “{letter}” occurs {times} in “{word}”.")


_PRIME = re.compile(r"\b(\d[\d,  ]{0,12})\b.*\bprime\b|\bprime\b.*?\b(\d[\d,  ]{0,12})\b", re.I | re.S)
_LARGEST = 10_000_000


def prime(prompt: str) -> Solved | None:
    """Tell whether a number is prime, by trial division."""
    found = _PRIME.search(prompt)
    if not found:
        return None
    number = int(re.sub(r"\D", "", found[1] or found[2]))
    if not 2 <= number <= _LARGEST:
        return None
    steps = [f"A factor of {number}, if there is one, need not be larger than {int(number**0.5)}."]
    for divisor in range(2, int(number**0.5) + 1):
        if number % divisor == 0:
            steps.append(f"{number} ÷ {divisor} = {number // divisor}, with nothing left over. Found one.")
            return Solved(tuple(steps), f"No: {number} = {divisor} × {number // divisor}.")
        if divisor < 12:
            steps.append(f"{number} ÷ {divisor} leaves {number % divisor}.")
    steps.append("None of the candidates divides it.")
    return Solved(tuple(steps), f"Yes, {number} is prime.")


_SUM = re.compile(r"\(?\s*-?\d[\d\s.()+\-*/×·÷−^x]*[+\-*/×·÷−^x][\d\s.()+\-*/×·÷−^x]*\d\s*\)?", re.I)
_OPERATORS: dict[type[ast.operator], tuple[Callable[[Fraction, Fraction], Fraction], str]] = {
    ast.Add: (operator.add, "+"),
    ast.Sub: (operator.sub, "−"),
    ast.Mult: (operator.mul, "×"),
    ast.Div: (operator.truediv, "÷"),
}
_LONGEST_SUM = 80
_TOO_MANY_DIGITS = re.compile(r"\d{13}")
_SIGNS = str.maketrans("×·xX÷−", "****/-")


def arithmetic(prompt: str) -> Solved | None:
    """Evaluate expressions with + − × ÷ and brackets.

    >>> arithmetic("What is 17 * 24 + 2?").answer
    '17 * 24 + 2 = 410'
    """
    found = _SUM.search(prompt)
    if not found or len(found[0]) > _LONGEST_SUM or _TOO_MANY_DIGITS.search(found[0]):
        return None
    text = found[0].strip()
    steps: list[str] = []
    try:
        value = _evaluate(ast.parse(text.translate(_SIGNS), mode="eval").body, steps)
    except (SyntaxError, ValueError, ZeroDivisionError):
        return None
    return Solved(tuple(steps), f"{text} = {_figure(value)}")


def _evaluate(node: ast.expr, steps: list[str]) -> Fraction:
    if isinstance(node, ast.Constant) and isinstance(node.value, int | float):
        return Fraction(str(node.value))
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        return -_evaluate(node.operand, steps)
    if isinstance(node, ast.BinOp) and type(node.op) in _OPERATORS:
        work, sign = _OPERATORS[type(node.op)]
        left, right = _evaluate(node.left, steps), _evaluate(node.right, steps)
        value = work(left, right)
        steps.append(f"{_figure(left)} {sign} {_figure(right)} = {_figure(value)}.")
        return value
    raise ValueError("not a sum")


def _figure(value: Fraction) -> str:
    return str(value.numerator) if value.denominator == 1 else f"{float(value):.6g}"
