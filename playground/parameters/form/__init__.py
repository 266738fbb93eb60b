"""Specifications as the fields of a form, and posted data as a request body."""
