"""All that the doctor looks at."""

import time
from collections.abc import Iterator

from django.db import Error

from chatproject.health import findings
from chatproject.health.components import Component, components
from chatproject.health.findings import ERROR, OK, WARNING, Finding
from chatproject.health.public_address import of_public_address
from chatproject.health.reasons import reason

# The longest that a probe takes.
PATIENCE_S = 6.0
# What people can live without for a while.
LESSER = ("mail", "search_index", "push_queue", "backups", "microsoft_presence")


def examine() -> Iterator[Finding]:
    """Look at everything, one after the other. Each wait is bounded."""
    yield from findings.of_settings()
    parts = _answered()
    yield from map(_of_component, parts)
    if any(each.name == "database" and each.state in ("ok", "read_only") for each in parts):
        try:
            yield from findings.of_database()
        except Error as error:
            yield Finding("database", ERROR, f"a question failed: {error}", "See its log.")
    yield from findings.of_disks()
    yield from of_public_address()


def _answered() -> list[Component]:
    """The parts, once those that are asked in the background have answered."""
    deadline = time.monotonic() + PATIENCE_S
    while True:
        found = components()
        asked = [each for each in found if each.name in ("storage", "mail", "identity_provider")]
        if all(each.state != "unknown" for each in asked) or time.monotonic() > deadline:
            return found


def _of_component(part: Component) -> Finding:
    said = part.state.replace("_", "-") + (f": {part.detail}" if part.detail else "")
    if part.state == "unknown":
        return Finding(part.name, WARNING, "cannot be told", "Mend what else is reported first.")
    if part.works:
        return Finding(part.name, OK, "not configured" if part.state == "off" else said)
    if part.state == "unavailable" and (why := reason(part.name)):
        said += f" ({why})"
    return Finding(part.name, WARNING if part.name in LESSER else ERROR, said, str(part.mend))
