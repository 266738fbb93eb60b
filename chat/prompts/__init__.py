"""The content of stored prompts, without a framework.

``content`` has the types, ``stored`` reads and writes them as JSON, ``validity`` has their rules,
``placeholders`` finds ``{{name}}`` in texts, ``values`` checks what is filled in, ``filling`` puts it
into the texts, ``outline`` and ``differences`` show and compare versions, ``rows``, ``posted`` and
``editing`` are the editor of a page, and ``cases`` has the rows of a test table.
"""
