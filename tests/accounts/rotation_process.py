"""A rotation of the vault's key in a process that is killed just before its ``n``-th change of a secret."""

from __future__ import annotations

import os
import signal
import sys
from typing import Any


def main() -> None:
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connection

    from accounts.flows import rotate_vault_key

    vars(rotate_vault_key)["PORTION"] = 3
    left = [int(sys.argv[1])]

    def count(execute: Any, sql: str, *more: Any) -> Any:
        if sql.startswith("UPDATE"):
            left[0] -= 1
            if not left[0]:
                os.kill(os.getpid(), signal.SIGKILL)
        return execute(sql, *more)

    with connection.execute_wrapper(count):
        call_command("rotate_vault_key")


if __name__ == "__main__":
    main()
