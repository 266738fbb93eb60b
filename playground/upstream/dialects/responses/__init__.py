"""``/v1/responses``, as OpenAI has it."""

from __future__ import annotations

from playground.upstream.dialects.dialect import Dialect
from playground.upstream.dialects.responses.read import ResponsesNormaliser
from playground.upstream.dialects.responses.tools import SHAPES
from playground.upstream.dialects.responses.write import input_schema, write_input

DIALECT = Dialect(
    kind="responses",
    label="Responses",
    normaliser=ResponsesNormaliser,
    write=write_input,
    transcript="input",
    instructions="instructions",
    transcript_schema=input_schema,
    tools=SHAPES,
    keeps_answers=True,
    listed_as=frozenset({"responses"}),
)
