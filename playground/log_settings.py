"""The configuration of the log, for the settings."""

from __future__ import annotations

from typing import Any


def logging_settings(level: str) -> dict[str, Any]:
    """Return Django's setting LOGGING: lines of one handler, from which secrets are removed."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "filters": {
            "one_line": {"()": "playground.log_lines.OneLine"},
            "redact": {"()": "playground.logs.RedactSecrets"},
        },
        "formatters": {
            "line": {"format": "{asctime} {levelname} {name} {message}", "style": "{"},
            "message": {"format": "{message}", "style": "{"},
        },
        "handlers": {
            "console": {
                "class": "logging.StreamHandler",
                "filters": ["one_line", "redact"],
                "formatter": "line",
            },
            # A program that collects the events takes every line that is an object.
            "audit": {
                "class": "logging.StreamHandler",
                "filters": ["one_line", "redact"],
                "formatter": "message",
            },
        },
        "root": {"handlers": ["console"], "level": level},
        "loggers": {
            # At INFO, httpx logs each URL, and daphne the optional parts that it lacks.
            "httpx": {"level": "WARNING"},
            "httpcore": {"level": "WARNING"},
            "daphne": {"level": "WARNING"},
            "django": {"handlers": []},
            "audit": {"handlers": ["audit"], "level": "INFO", "propagate": False},
        },
    }
