"""`python -m bench.product.million PEOPLE`: fill the product's database, and make an administrator.

Indexes are built at the end, which takes a fraction of the time.
"""

import os
import re
import sys
import time
from pathlib import Path

import django
import psycopg

ADMINISTRATOR = "administrator"
SQL = Path(__file__).with_suffix(".sql")
INDEXES = "UPDATE pg_index SET indisready = {} WHERE indrelid = ANY('{{{}}}'::regclass[])"


def main() -> None:
    """Print the seconds of each statement: a million people take minutes."""
    people = int(sys.argv[1])
    django.setup()
    from django.utils import timezone

    from apps.accounts.models import User

    staff = User.objects.create(username=ADMINISTRATOR, is_staff=True, is_superuser=True)
    values = {
        "now": f"'{timezone.now().isoformat()}'::timestamptz",
        "staff": f"'{staff.id}'::uuid",
        "people": people,
        "chats": people // 2,
        "messages": people * 2,
        "reports": people // 4,
        "pushes": people * 2,
    }
    text = re.sub(rf":({'|'.join(values)})\b", lambda found: str(values[found[1]]), SQL.read_text())
    tables = sorted(set(re.findall(r"INSERT INTO (\w+)", text)))
    # Not Django's connection, which gives up after seconds.
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as connection:
        for statement in (
            INDEXES.format(False, ",".join(tables)),
            *(each.strip() for each in text.split(";\n") if each.strip()),
            INDEXES.format(True, ",".join(tables)),
            *(f"REINDEX TABLE {table}" for table in tables),
            "VACUUM ANALYZE",
        ):
            began = time.perf_counter()
            connection.execute(statement)
            first = next(line for line in statement.splitlines() if line and line[:2] != "--")
            print(f"{time.perf_counter() - began:7.1f} s  {first[:80]}", flush=True)


if __name__ == "__main__":
    main()
