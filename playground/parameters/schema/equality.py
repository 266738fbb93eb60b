"""Equality of JSON values, which differs from Python's: 1 equals 1.0, and true does not equal 1."""

from __future__ import annotations

from typing import Any


def is_same(first: Any, second: Any) -> bool:
    """Tell whether two values are equal in JSON.

    >>> is_same(1, 1.0), is_same(True, 1), is_same([True], [1])
    (True, False, False)
    """
    if isinstance(first, bool) or isinstance(second, bool):
        return first is second
    if isinstance(first, dict) and isinstance(second, dict):
        return first.keys() == second.keys() and all(is_same(first[key], second[key]) for key in first)
    if isinstance(first, list) and isinstance(second, list):
        return len(first) == len(second) and all(map(is_same, first, second))
    return bool(first == second)


def key_of(value: Any) -> Any:
    """Return a hashable key that is equal for values that are equal in JSON.

    >>> key_of([1, {"a": None}]) == key_of([1.0, {"a": None}]), key_of(True) == key_of(1)
    (True, False)
    """
    if isinstance(value, bool):
        return (bool, value)
    if isinstance(value, list):
        return (list, tuple(map(key_of, value)))
    if isinstance(value, dict):
        return (dict, frozenset((key, key_of(item)) for key, item in value.items()))
    return value
