"""What PostgreSQL reads for a query, from its plan."""

import json
from collections.abc import Callable, Sequence
from typing import Any
from unittest.mock import patch

import psycopg
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.core import reads

# EXPLAIN ANALYZE would execute them again, and knows no savepoints.
WRITES = ("INSERT", "UPDATE", "DELETE", "SAVEPOINT", "RELEASE", "ROLLBACK", "SET")


def cost(read: Callable[[], object]) -> list[tuple[list[str], int]]:
    """For each query of `read`: the nodes of its plan, and the number of rows its scans read."""
    sent: list[reads.Read[Any]] = []
    send = reads._read

    def note(parts: Sequence[reads.Read[Any]], *, prepare: bool) -> None:
        sent.extend(parts)
        send(parts, prepare=prepare)

    with CaptureQueriesContext(connection) as asked, patch.object(reads, "_read", note):
        read()
    plans = [_plan(each["sql"]) for each in asked.captured_queries if _reads(each["sql"])]
    # Django sees its own cursors only.
    plans += [_plan(reads.numbered(each.sql), each.parameters) for each in sent]
    assert plans, "it reads nothing"
    return [_walk(plan) for plan in plans]


def _reads(sql: str) -> bool:
    return not sql.lstrip().startswith(WRITES)


def _plan(sql: str, parameters: Sequence[object] | None = None) -> dict[str, Any]:
    cursor = psycopg.RawCursor(connection.connection)
    cursor.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {sql}", parameters, prepare=False)
    [plan] = cursor.fetchone()
    return (plan if isinstance(plan, list) else json.loads(plan))[0]["Plan"]


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
