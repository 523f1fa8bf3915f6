"""What PostgreSQL reads for the queries of a page."""

from collections.abc import Iterable
from typing import Any

from django.db import connection

READS = ("SELECT", "WITH")
# A bounded count reads a thousand rows of a table in any order, which is a sequential scan.
MAX_SCANNED = 5_000


def read_by(queries: Iterable[str]) -> tuple[int, list[str]]:
    """The most rows that one of these queries reads, and the sequential scans of more than
    MAX_SCANNED rows. Executes each once more."""
    most, scans = 0, []
    for sql in queries:
        if not sql.lstrip().upper().startswith(READS):
            continue
        with connection.cursor() as cursor:
            cursor.execute("EXPLAIN (ANALYZE, FORMAT JSON) " + sql)
            [[plan]] = cursor.fetchone()
        nodes = list(_scans(plan["Plan"]))
        most = max(most, sum(rows for _, rows in nodes))
        scans += [
            f"reads {rows} rows of {node['Relation Name']} in sequence"
            for node, rows in nodes
            if node["Node Type"] == "Seq Scan" and rows > MAX_SCANNED
        ]
    return most, scans


def _scans(node: dict[str, Any]) -> Iterable[tuple[dict[str, Any], int]]:
    """Each scan of a plan, and how many rows it reads in all its loops."""
    if "Scan" in node["Node Type"]:
        removed = ("Rows Removed by Filter", "Rows Removed by Index Recheck")
        each = node["Actual Rows"] + sum(node.get(name, 0) for name in removed)
        yield node, round(each * node["Actual Loops"])
    for part in node.get("Plans", []):
        yield from _scans(part)
