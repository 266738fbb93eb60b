from __future__ import annotations

import argparse
import os
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import django

if TYPE_CHECKING:
    from tests.third_party.scenarios import Scenario
    from tests.third_party.servers import Server
    from tests.third_party.site import Site


def main() -> int:
    """Drive the named servers, or all; print a line for each scenario. Return 1 if one failed."""
    parser = argparse.ArgumentParser(prog="python -m tests.third_party")
    parser.add_argument("names", nargs="*", metavar="SERVER")
    parser.add_argument(
        "--environments",
        type=Path,
        default=Path(tempfile.gettempdir()) / "third-party-servers",
        help="the folder with the servers' environments, which later runs use again",
    )
    options = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "playground.settings")
    django.setup()
    from tests.third_party.servers import SERVERS

    known = {server.name: server for server in SERVERS}
    if unknown := set(options.names) - set(known):
        parser.error(f"no server is called {', '.join(sorted(unknown))}; there are {', '.join(known)}")
    failed = [name for name in options.names or known if not drive(name, options.environments.absolute())]
    print(f"{len(failed)} of {len(options.names or known)} servers failed: {', '.join(failed) or 'none'}")
    return 1 if failed else 0


def drive(name: str, root: Path) -> bool:
    """Send all scenarios to one server and return whether all are right."""
    from tests.installation import Installation
    from tests.third_party.environments import Unavailable, install, running
    from tests.third_party.scenarios import SCENARIOS
    from tests.third_party.servers import SERVERS
    from tests.third_party.site import Site

    known = {server.name: server for server in SERVERS}
    server, is_right = known[name], True
    with ExitStack() as stack:
        try:
            upstream = ""
            if server.behind:
                behind = known[server.behind]
                upstream = stack.enter_context(running(behind, install(behind, root)))
            address = stack.enter_context(running(server, install(server, root), upstream=upstream))
        except Unavailable as reason:
            print(f"{name:14} unavailable: {reason}", flush=True)
            return False
        data = stack.enter_context(tempfile.TemporaryDirectory())
        installation = Installation(Path(data))
        installation.prepare()
        installation.start()
        stack.callback(installation.kill)
        site = Site(installation, server, address)
        for endpoint in server.endpoints:
            for scenario in SCENARIOS:
                outcome, is_as_expected = tried(scenario, site, server, endpoint)
                is_right &= is_as_expected
                print(f"{name:14} {endpoint:17} {scenario.__name__:12} {outcome}", flush=True)
    return is_right


def tried(scenario: Scenario, site: Site, server: Server, endpoint: str) -> tuple[str, bool]:
    """Return the outcome in words, and whether it is right."""
    from tests.third_party.scenarios import NotTried

    try:
        problem = scenario(site, server, endpoint)
    except NotTried:
        return "not tried", True
    except AssertionError as reason:
        problem = str(reason)
    return problem or "ok", problem is None


if __name__ == "__main__":
    sys.exit(main())
