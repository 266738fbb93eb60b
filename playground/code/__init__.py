"""Code that sends a request, and the way back from pasted code to the request.

``writing`` makes programs of a ``playground.code.request.CodeRequest``; ``reading`` makes a
``playground.code.reading.paste.Paste`` of a command, of a call or of a body. Pasted code is never executed.
"""
