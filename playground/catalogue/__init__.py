"""The catalogue: providers, their models, and the request schema of each endpoint.

``store_endpoints`` alone writes endpoints. Their schemas come from three sources:

- ``load_bundled`` loads the models that come with the product. ``bundled_models`` composes their schemas from
  the files in ``data/``.
- ``sync`` reads a provider's own list (``model_list``, ``model_list_facts``) and its documents. ``sync_rows``
  changes the rows, and ``sync_report`` says what changed.
- ``import_openapi`` takes OpenAPI documents, ``custom_schema`` a schema for one model. ``openapi_reader``
  reads a document with ``documents``; ``document_paths`` finds its endpoints, ``document_models`` its models.

``generic`` holds the schemas of models without a document, ``changes`` the differences between two schemas of
an endpoint, ``developers`` the spelling of their names.
"""
