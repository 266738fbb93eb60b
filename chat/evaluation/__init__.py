"""Test tables without a database: cases, checks of answers, the judge, and what adds up to a result. Pure.

``csv_reading`` and ``json_lines`` turn files into cases; ``accounts.spreadsheets`` writes them. ``checks``
holds the kinds of checks, and ``check_kinds`` makes them from what people entered. ``judging`` writes the
request to a model that judges, and reads its verdict. ``intervals`` and ``summaries`` compute pass rates and
differences.
"""
