"""Estimates of tokens before a request is sent: those of its texts, and those of its answer. Pure."""
