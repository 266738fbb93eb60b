"""The catalogue: providers, their models, and the request schema of each endpoint.

``store`` alone writes endpoints. They come from three sources:

- ``bundled`` loads the models that come with the product. ``facts`` composes their schemas from ``data/``.
- ``sync`` reads a provider's own list (``listing``, ``listing_facts``) and its documents, and ``sync_rows``
  changes the rows.
- ``importer`` takes OpenAPI documents (``documents``, ``openapi``), ``replacing`` a schema for one model.

``own`` holds the schema of models without a document, ``changes`` the differences between two schemas of an
endpoint, ``developers`` the spelling of their names.
"""
