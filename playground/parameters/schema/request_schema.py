"""A request schema with everything that forms and requests need of it, cached by digest."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from threading import Lock
from typing import Any, Protocol

from cachetools import LRUCache, cached

from playground.parameters.schema.bounds import number_bounds
from playground.parameters.schema.cross_field import cross_field_rules
from playground.parameters.schema.other_documents import NO_OTHERS, OtherDocuments, other_documents
from playground.parameters.schema.output_length import OUTPUT_LENGTHS
from playground.parameters.schema.properties import root_properties
from playground.parameters.schema.reader import read_translated
from playground.parameters.schema.sending import Streaming
from playground.parameters.schema.spec import Kind, ParameterSpec
from playground.parameters.schema.translate import Schema, to_json_schema
from playground.parameters.schema.validation import Validator, validator_for

# A team uses a handful of models at a time; a whole catalogue would take about 100 MB.
MOST_CACHED = 64


@dataclass(frozen=True)
class RequestSchema:
    """A request schema as plain JSON Schema, the specifications of its parameters and their validators."""

    digest: str
    translated: Schema
    specs: tuple[ParameterSpec, ...]
    marks: OtherDocuments = NO_OTHERS

    @cached_property
    def certain(self) -> frozenset[str]:
        """The properties that the document has which the schema follows."""
        return self.properties - self.marks.adds

    @cached_property
    def properties(self) -> frozenset[str]:
        return frozenset(root_properties(self.translated, self.translated.get("$defs", {}))[0])

    @cached_property
    def streaming(self) -> Streaming:
        return Streaming(self.translated)

    @cached_property
    def body_validator(self) -> Validator:
        return validator_for(self.translated)

    @cached_property
    def cross_field_validator(self) -> Validator | None:
        """The validator of all parameters together, None if no rule concerns several of them."""
        rules = cross_field_rules(self.translated)
        return None if rules is None else validator_for(rules)

    @cached_property
    def validators(self) -> dict[str, Validator]:
        return {spec.name: validator_for(spec.schema) for spec in self.specs}


def digest_of(schema: Any) -> str:
    """Return the SHA-256 of the schema's canonical JSON, as stored in ``Endpoint.schema_digest``."""
    canonical = json.dumps(schema, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(canonical.encode("utf-8", "surrogatepass")).hexdigest()


def read_request_schema(schema: Any, *, digest: str | None = None) -> RequestSchema:
    """Read a schema that is at hand; a caller that knows its ``digest`` saves computing it."""
    return cached_request_schema(digest or digest_of(schema), lambda: schema)


class Described(Protocol):
    """An endpoint, as far as its schema goes."""

    @property
    def request_schema(self) -> Any: ...

    @property
    def schema_digest(self) -> str: ...


def request_schema_of(endpoint: Described) -> RequestSchema:
    """Return the request schema of an endpoint, whose JSON is loaded only if the schema is not cached."""
    return cached_request_schema(endpoint.schema_digest, lambda: endpoint.request_schema)


def cached_request_schema(
    digest: str, load: Callable[[], Any], *, output_max: int | None = None
) -> RequestSchema:
    """Return the request schema with this digest; ``load`` is called only if it is not cached.

    :param output_max: the model's limit in tokens for the parameters that limit the answer's length.
    """
    return _read(digest, output_max, load)


# The lock is free while a schema is read, so no thread waits for the read of another one.
@cached(LRUCache(MOST_CACHED), key=lambda digest, output_max, load: (digest, output_max), lock=Lock())
def _read(digest: str, output_max: int | None, load: Callable[[], Any]) -> RequestSchema:
    schema = load()
    translated, marks = to_json_schema(schema), other_documents(schema)
    specs = tuple(_limited(spec, output_max) for spec in read_translated(translated, marks))
    return RequestSchema(digest, translated, specs, marks)


def _limited(spec: ParameterSpec, output_max: int | None) -> ParameterSpec:
    """Apply the model's output limit, which schemas hardly ever state."""
    is_length = spec.name in OUTPUT_LENGTHS and spec.kind in (Kind.NUMBER, Kind.INTEGER)
    if not is_length or output_max is None or (spec.maximum is not None and spec.maximum <= output_max):
        return spec
    is_integer = spec.kind is Kind.INTEGER
    lowest = {} if spec.minimum is None else {"minimum": spec.minimum}
    bounds = number_bounds({**lowest, "maximum": output_max}, is_integer=is_integer)
    return replace(spec, maximum=output_max, limit=output_max, bounds=bounds)
