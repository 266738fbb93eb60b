"""Marks on a request schema: what another version of the documentation states, beside the one it follows.

Some models have documents that disagree. A schema with the keyword accepts what either states. ``adds`` names
the parameters that only another document has. ``widens`` names those that it gives other bounds: each of them
is an ``anyOf``, whose first alternative is the one of the document that the schema follows.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from playground.parameters.schema.spec import ParameterSpec
from playground.parameters.schema.translate import Schema

KEYWORD = "x-other-documents"


@dataclass(frozen=True, slots=True)
class OtherDocuments:
    """The names of parameters that other documents add or widen."""

    adds: frozenset[str] = frozenset()
    widens: frozenset[str] = frozenset()


NO_OTHERS = OtherDocuments()


def other_documents(schema: object) -> OtherDocuments:
    """Return the marks of a request schema, which strangers may have written.

    >>> other_documents({"x-other-documents": {"adds": ["n"], "widens": None}}).adds
    frozenset({'n'})
    """
    stated = schema.get(KEYWORD) if isinstance(schema, dict) else None
    if not isinstance(stated, dict):
        return NO_OTHERS
    return OtherDocuments(_names(stated.get("adds")), _names(stated.get("widens")))


def _names(stated: Any) -> frozenset[str]:
    return (
        frozenset(name for name in stated if isinstance(name, str))
        if isinstance(stated, list)
        else NO_OTHERS.adds
    )


def marked(
    spec: ParameterSpec, child: Schema, marks: OtherDocuments, read: Callable[[Schema], ParameterSpec]
) -> ParameterSpec:
    """Say in the specification which document the parameter or its bounds come from.

    :param child: the property's schema.
    :param read: returns the specification of one alternative.
    """
    if spec.name in marks.adds:
        return replace(spec, is_from_another=True)
    alternatives = child.get("anyOf", ())
    if spec.name not in marks.widens or len(alternatives) < 2:
        return spec
    first, *others = map(read, alternatives)
    said = dict.fromkeys(_said(other, first) for other in others)
    return replace(spec, default=first.default, bounds=first.bounds, other_bounds=" and ".join(said))


def _said(other: ParameterSpec, first: ParameterSpec) -> str:
    return f"{other.bounds} or null" if other.is_nullable and not first.is_nullable else other.bounds
