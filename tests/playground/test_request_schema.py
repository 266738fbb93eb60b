from __future__ import annotations

from threading import Event, Thread
from typing import Any

import pytest

from playground.parameters.schema.request_schema import MOST_CACHED, cached_request_schema

SCHEMA = {"type": "object", "properties": {"seed": {"type": "integer"}}}


def not_loaded() -> Any:
    pytest.fail("the schema is cached")


def test_it_reads_a_schema_once_for_each_output_limit():
    first = cached_request_schema("once", lambda: SCHEMA)

    assert cached_request_schema("once", not_loaded) is first
    assert cached_request_schema("once", lambda: SCHEMA, output_max=5) is not first


def test_it_drops_the_schema_that_was_unused_for_longest():
    used = cached_request_schema("used", lambda: SCHEMA)
    unused = cached_request_schema("unused", lambda: SCHEMA)
    for number in range(MOST_CACHED - 1):
        cached_request_schema("used", not_loaded)
        cached_request_schema(f"other {number}", lambda: SCHEMA)

    assert cached_request_schema("used", not_loaded) is used
    assert cached_request_schema("unused", lambda: SCHEMA) is not unused


def test_one_read_does_not_wait_for_another():
    is_reading, may_go_on = Event(), Event()

    def load_slowly() -> Any:
        is_reading.set()
        assert may_go_on.wait(10)
        return SCHEMA

    slow = Thread(target=cached_request_schema, args=("slow", load_slowly))
    slow.start()
    assert is_reading.wait(10)
    assert cached_request_schema("quick", lambda: SCHEMA).specs
    assert cached_request_schema("slow", lambda: SCHEMA).specs
    may_go_on.set()
    slow.join()
