"""Everything that is made from one request schema, made once and kept."""

from __future__ import annotations

import hashlib
import json
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from threading import Lock
from typing import Any

from playground.parameters.schema.bounds import number_bounds
from playground.parameters.schema.cross_field import cross_field_rules
from playground.parameters.schema.output_length import OUTPUT_LENGTHS
from playground.parameters.schema.reader import read_translated, root_properties
from playground.parameters.schema.spec import Kind, ParameterSpec
from playground.parameters.schema.translate import Schema, to_json_schema
from playground.parameters.schema.validation import Validator, validator_for

# A team uses a handful of models at a time; a whole catalogue would hold some 100 MB.
KEPT = 64


@dataclass(frozen=True)
class RequestSchema:
    digest: str
    translated: Schema
    specs: tuple[ParameterSpec, ...]

    @cached_property
    def properties(self) -> frozenset[str]:
        return frozenset(root_properties(self.translated, self.translated.get("$defs", {}))[0])

    @cached_property
    def body_validator(self) -> Validator:
        return validator_for(self.translated)

    @cached_property
    def cross_field_validator(self) -> Validator | None:
        """For the parameters together; None where the schema has no rule about several of them."""
        rules = cross_field_rules(self.translated)
        return None if rules is None else validator_for(rules)

    @cached_property
    def validators(self) -> dict[str, Validator]:
        return {spec.name: validator_for(spec.schema) for spec in self.specs}


class _RequestSchemas:
    def __init__(self) -> None:
        self._kept: OrderedDict[tuple[str, int | None], RequestSchema] = OrderedDict()
        self._lock = Lock()

    def get(self, key: tuple[str, int | None], make: Callable[[], RequestSchema]) -> RequestSchema:
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
        # Outside the lock: two threads may read one schema, none waits for another's.
        request_schema = make()
        with self._lock:
            self._kept[key] = request_schema
            while len(self._kept) > KEPT:
                self._kept.popitem(last=False)
        return request_schema


_request_schemas = _RequestSchemas()


def digest_of(schema: Any) -> str:
    """SHA-256 of the schema's canonical JSON, as stored in ``Endpoint.schema_digest``."""
    canonical = json.dumps(schema, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(canonical.encode("utf-8", "surrogatepass")).hexdigest()


def read_request_schema(schema: Any, *, digest: str | None = None) -> RequestSchema:
    """``digest`` is the schema's own, where the caller has it already."""
    return cached_request_schema(digest or digest_of(schema), lambda: schema)


def cached_request_schema(
    digest: str, load: Callable[[], Any], *, output_max: int | None = None
) -> RequestSchema:
    """The same by digest: ``load`` is called for a schema that was not read lately.

    ``output_max`` (tokens) bounds the parameters that limit the answer's length.
    """

    def make() -> RequestSchema:
        translated = to_json_schema(load())
        specs = tuple(_limited(spec, output_max) for spec in read_translated(translated))
        return RequestSchema(digest, translated, specs)

    return _request_schemas.get((digest, output_max), make)


def _limited(spec: ParameterSpec, output_max: int | None) -> ParameterSpec:
    is_length = spec.name in OUTPUT_LENGTHS and spec.kind in (Kind.NUMBER, Kind.INTEGER)
    if not is_length or output_max is None or (spec.maximum is not None and spec.maximum <= output_max):
        return spec
    is_integer = spec.kind is Kind.INTEGER
    lowest = {} if spec.minimum is None else {"minimum": spec.minimum}
    bounds = number_bounds({**lowest, "maximum": output_max}, is_integer=is_integer)
    return replace(spec, maximum=output_max, limit=output_max, bounds=bounds)
