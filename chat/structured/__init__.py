"""Answers that were asked for as JSON, checked while they stream and after their end.

``asked`` reads from a request which format it asked for. ``scanner`` reads JSON piece by piece, in a time
that is linear in the length of all pieces, and compares it with what ``expected`` knows of the schema for
certain. ``live_check`` does that for a live answer, once for all of its readers. ``verdict`` checks a whole
answer with the whole schema. All of it is pure.
"""
