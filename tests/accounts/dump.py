"""The whole database as text, as somebody who stole a dump would read it."""

from django.db import connection

TEXT_COLUMNS = """
SELECT c.table_name, c.column_name FROM information_schema.columns c
JOIN information_schema.tables t USING (table_schema, table_name)
WHERE c.table_schema = 'public' AND t.table_type = 'BASE TABLE'
AND c.data_type IN ('text', 'character varying', 'jsonb', 'json', 'ARRAY', 'bytea', 'tsvector')
"""


def columns_with(words: str) -> set[str]:
    """Return `table.column` of every text in the database that holds the words, in any case of letters."""
    found = set()
    with connection.cursor() as cursor:
        cursor.execute(TEXT_COLUMNS)
        for table, column in cursor.fetchall():
            cursor.execute(
                f'SELECT 1 FROM "{table}" WHERE position(lower(%s) in lower("{column}"::text)) > 0 LIMIT 1',  # noqa: S608
                [words],
            )
            if cursor.fetchone():
                found.add(f"{table}.{column}")
    return found
