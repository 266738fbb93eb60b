"""Code that sends a request: ``writing`` makes programs of a ``playground.code.request.CodeRequest``."""
