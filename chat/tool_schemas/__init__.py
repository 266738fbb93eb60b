"""JSON schemas of tools and answers, as rows that people edit beside the JSON. They know no framework."""
