"""Comparisons of an installation to measure, each with eight columns that ask one model.

Run in a process of its own, inside of an installation that :mod:`bench.populate` has filled; prints JSON, one
entry a comparison.
"""

from __future__ import annotations

import argparse
import json
import os
from typing import Any


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--of", action="append", required=True, help="a conversation; its owner gets one")
    arguments.add_argument("--endpoint", action="append", required=True, help="that of its columns")
    given = arguments.parse_args()

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "playground.settings")
    import django

    django.setup()
    pairs = zip(given.of, given.endpoint, strict=True)
    print(json.dumps({"comparisons": [add_comparison(code, int(endpoint)) for code, endpoint in pairs]}))


def add_comparison(conversation: str, endpoint_pk: int) -> dict[str, Any]:
    """Add a comparison for the owner of a conversation; return its code and those of its columns."""
    from chat.flows.build_request import Choice
    from chat.flows.create_comparison import create_comparison
    from chat.models import MOST_COLUMNS, Conversation
    from playground.models import Endpoint

    of = Conversation.objects.select_related("workspace", "owner").get(code=conversation)
    endpoint = Endpoint.objects.select_related("model__provider").get(pk=endpoint_pk)
    entry = create_comparison(of.workspace, of.owner, [Choice(endpoint, {})] * MOST_COLUMNS)
    columns = entry.columns.order_by("column_place").values_list("code", flat=True)
    return {"code": str(entry.code), "columns": [str(code) for code in columns]}


if __name__ == "__main__":
    main()
