"""Measurements of what the design promises. ``python -m bench`` prints one line per figure."""
