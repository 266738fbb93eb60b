"""The built-in upstream: a small HTTP server that answers like a real one, without a key.

::

    server        listens; the process-wide one in its own thread
    connection    HTTP/1.1 on a pair of streams; performs steps
    pacer         tokens per second of a stream
    api           paths to steps
    scenarios     faults and oddities by name         replies      answers as chunks or JSON
    steps         what a connection can perform       answers      what the models say
    validation, requests, models, schemas             voice, subject, skills, instances, tokens
"""

from __future__ import annotations

from playground.demo.models import demo_models

__all__ = ["demo_models"]
