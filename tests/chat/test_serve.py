from __future__ import annotations

import gc

from chat.management.commands.serve import spare_the_collector


def test_what_is_loaded_at_the_start_is_not_looked_through_again():
    spare_the_collector()
    try:
        assert gc.get_freeze_count() > 10_000
        assert len(gc.get_objects()) < 10_000
    finally:
        gc.unfreeze()
