"""What PostgreSQL reads for a query, from its plan."""

import json
from collections.abc import Callable

from django.db import connection
from django.test.utils import CaptureQueriesContext

# EXPLAIN ANALYZE would execute them again, and knows no savepoints.
WRITES = ("INSERT", "UPDATE", "DELETE", "SAVEPOINT", "RELEASE", "ROLLBACK", "SET")


def cost(read: Callable[[], object]) -> list[tuple[list[str], int]]:
    """For each query of `read`: the nodes of its plan, and the number of rows its scans read."""
    with CaptureQueriesContext(connection) as asked:
        read()
    found = []
    for query in asked.captured_queries:
        if query["sql"].lstrip().startswith(WRITES):
            continue
        with connection.cursor() as cursor:
            cursor.execute("EXPLAIN (ANALYZE, FORMAT JSON) " + query["sql"])
            [plan] = cursor.fetchone()
        plan = plan if isinstance(plan, list) else json.loads(plan)
        found.append(_walk(plan[0]["Plan"]))
    return found


def _walk(node: dict) -> tuple[list[str], int]:
    # Whether a Memoize node is used depends on statistics; it reads nothing itself.
    kept = node["Node Type"] != "Memoize"
    names = [f"{node['Node Type']} {node.get('Index Name', '')}".strip()] if kept else []
    rows = 0
    if "Scan" in node["Node Type"]:
        loops = node["Actual Loops"]
        removed = node.get("Rows Removed by Filter", 0) + node.get(
            "Rows Removed by Index Recheck", 0
        )
        rows = round((node["Actual Rows"] + removed) * loops)
    for part in node.get("Plans", []):
        more, read = _walk(part)
        names += more
        rows += read
    return names, rows
