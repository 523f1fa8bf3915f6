"""Numbers of rows that PostgreSQL estimates, for tables that are too large to count."""

from django.db import connection
from django.db.models import Model

# -1: never analysed.
ESTIMATE = "SELECT greatest(reltuples, 0)::bigint FROM pg_class WHERE oid = %s::regclass"


def estimated_rows(model: type[Model]) -> int:
    """About how many rows the table has, as of its last ANALYZE; 0 before the first one."""
    with connection.cursor() as cursor:
        cursor.execute(ESTIMATE, [model._meta.db_table])
        number: int
        [number] = cursor.fetchone()
    return number
