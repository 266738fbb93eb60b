"""Every measurement: ``python -m bench [--smoke]``."""

from __future__ import annotations

import argparse

from bench import (
    across,
    cancels,
    columns,
    fuzz,
    holds,
    idle_sockets,
    imports,
    inbound_flood,
    ledger,
    long_answer,
    long_conversation,
    markdown,
    pages,
    parameters,
    parse,
    picker,
    prompt,
    reconnect_storm,
    relay,
    slow_reader,
    soak,
    streamed_page,
    structured,
    transport,
)


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--smoke", action="store_true", help="a run of seconds that shows that all works")
    given = arguments.parse_args()
    parse.main(["--chunks", "20000"] if given.smoke else [])
    fuzz.main(["--bytes", "100000" if given.smoke else "10000000"])
    markdown.main(["--tokens", "4000"] if given.smoke else [])
    structured.main(["--smoke"] if given.smoke else [])
    parameters.main(["--smoke"] if given.smoke else [])
    pages.main(["--smoke"] if given.smoke else [])
    picker.main(["--times", "5"] if given.smoke else [])
    holds.main(["--smoke"] if given.smoke else [])
    ledger.main(["--smoke"] if given.smoke else [])
    imports.main(["--smoke"] if given.smoke else [])
    cancels.main(["--smoke"] if given.smoke else [])
    transport.main(["--smoke"] if given.smoke else [])
    prompt.main(["--smoke"] if given.smoke else [])
    relay.main(["--smoke"] if given.smoke else [])
    idle_sockets.main(["--smoke"] if given.smoke else [])
    inbound_flood.main(["--smoke"] if given.smoke else [])
    streamed_page.main(["--smoke"] if given.smoke else [])
    columns.main(["--smoke"] if given.smoke else [])
    long_answer.main(["--smoke"] if given.smoke else [])
    long_conversation.main(["--smoke"] if given.smoke else [])
    reconnect_storm.main(["--smoke"] if given.smoke else [])
    slow_reader.main(["--smoke"] if given.smoke else [])
    soak.main(["--smoke"] if given.smoke else [])
    across.main(["--smoke"] if given.smoke else [])


if __name__ == "__main__":
    main()
