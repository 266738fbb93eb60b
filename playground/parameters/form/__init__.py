"""From specifications to the fields of a form, and from what was posted to a request body."""
