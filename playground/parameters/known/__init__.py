"""Facts about parameters that no schema states: help, conflicts, longer limits, warnings."""
