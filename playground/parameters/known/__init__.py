"""Facts about parameters that no schema states: help, lengths, conflicts, warnings."""
