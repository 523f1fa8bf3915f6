"""`python -m tests.support.migration_lint`: refuse migrations that the running release would not
survive, or that lock a large table for long.

Servers of two releases use one database during an upgrade, so a migration only adds ("expand").
What nothing uses any more is removed by a later release ("contract"): its migration says so in a
comment `# contract: why no running release needs it`, and is not checked.
"""

import inspect
import os
import re
import sys
from collections.abc import Iterator
from typing import Any

import django

# The newest migrations when this check was introduced: they and those before are not checked.
SINCE = {
    "accounts": 26,
    "chats": 25,
    "contacts": 3,
    "files": 7,
    "moderation": 11,
    "notifications": 5,
    "scim": 1,
    "sso": 3,
    "wire": 2,
}
# Tables that stay small, or nearly empty. Any other may have a million rows.
SMALL = frozenset(
    (
        *("accounts_barredemail", "accounts_registrationinvite", "accounts_slowdown"),
        *("accounts_suspension", "auth_group", "auth_group_permissions", "auth_permission"),
        *("backups_backup", "configuration_settingsversion", "django_content_type"),
        *("emoji_alias", "emoji_emoji", "emoji_listrevision", "files_storagecount"),
        *("graph_notification", "graph_seencontent", "graph_servicestate", "graph_subscription"),
        *("integrations_externalcommand", "integrations_incomingwebhook"),
        *("integrations_outgoingwebhook", "integrations_pluginbot", "integrations_pluginpause"),
        *("moderation_appeal", "moderation_contentrule", "moderation_note"),
        *("moderation_readrequest", "moderation_report", "retention_hold"),
        *("retention_installationrule", "wire_epoch"),
    )
)
MARK = re.compile(r"#\s*contract:\s*\S")
NAME = r'"?(\w+)"?'
# Functions with another value for each row.
VOLATILE = r"(?:gen_random_uuid|uuidv7|uuidv4|random|clock_timestamp|nextval)"
# What the release before would stumble over.
BREAKING = {
    r"\bDROP TABLE\b": "the release before reads this table",
    r"\bDROP COLUMN\b": "the release before reads this column",
    r"\bRENAME\b": "the release before knows the former name only",
    r"\bALTER COLUMN \S+ TYPE\b": "the table is rewritten, and prepared statements break",
    r"\bALTER COLUMN \S+ SET NOT NULL\b": "the release before may write NULL",
    r"\bADD COLUMN (?!.*\bDEFAULT\b).*\bNOT NULL\b": "the release before does not write this "
    "column: give it a db_default",
    r"\bALTER COLUMN \S+ DROP DEFAULT\b": "the release before does not write this column: give it "
    "a db_default",
}
# What locks a table while it is read as a whole.
LOCKING = {
    rf"\bCREATE (?:UNIQUE )?INDEX (?!CONCURRENTLY\b).*? ON {NAME}": "nobody can write meanwhile: "
    "AddIndexOnline",
    rf"\bALTER TABLE {NAME} ADD CONSTRAINT (?!.*\bNOT VALID\b)(?!.*\bUSING INDEX\b)": "nobody can "
    "write meanwhile: NOT VALID first, VALIDATE CONSTRAINT in a migration of its own",
    rf"\bALTER TABLE {NAME} ADD COLUMN .*\bSTORED\b": "the table is rewritten: a column without "
    "GENERATED, filled in parts",
    rf"\bALTER TABLE {NAME} ADD COLUMN .*\bDEFAULT\W.*?\b{VOLATILE}\(": "the table is rewritten, "
    "each row with a value of its own: NULL, filled in parts",
    rf"\bALTER TABLE {NAME} ADD COLUMN .*\b(?:UNIQUE|PRIMARY KEY)\b": "nobody can read meanwhile: "
    "a unique index that is built while people write",
    rf"\bREINDEX (?:TABLE|INDEX) (?!CONCURRENTLY\b){NAME}": "nobody can write meanwhile: "
    "CONCURRENTLY",
    rf"\b(?:CLUSTER|VACUUM FULL|LOCK TABLE) {NAME}": "nobody can read or write meanwhile",
    rf"^(?:UPDATE|DELETE FROM) {NAME}": "the rows that it changes stay locked to its end: in parts",
}
ADDED, VALIDATED = (
    rf"\bADD CONSTRAINT {NAME} .*\bNOT VALID\b",
    rf"\bVALIDATE CONSTRAINT {NAME}",
)


def faults(statements: list[str], *, atomic: bool = True) -> Iterator[str]:
    """What is wrong with the SQL of one migration. Tables that it makes itself are empty. `atomic`:
    whether it is one transaction, which keeps its locks to the end."""
    lines = [" ".join(each.split()) for each in statements if not each.lstrip().startswith("--")]
    made = {found[1] for each in lines if (found := _search(rf"\bCREATE TABLE {NAME}", each))}
    for line in lines:
        table = _search(rf"\b(?:ALTER TABLE|DROP TABLE) (?:IF EXISTS )?{NAME}", line)
        if table is None or table[1] not in made:
            yield from (f"{why}: {line}" for what, why in BREAKING.items() if _search(what, line))
        for what, why in LOCKING.items():
            found = _search(what, line)
            if found and found[1] not in SMALL | made:
                yield f"{why}: {line}"
    added = {found[1] for each in lines if (found := _search(ADDED, each))} if atomic else set()
    for line in lines:
        if (found := _search(VALIDATED, line)) and found[1] in added:
            yield f"nobody can write meanwhile: in a migration of its own: {line}"


def _search(pattern: str, text: str) -> re.Match[str] | None:
    return re.search(pattern, text, re.IGNORECASE)


def new_migrations() -> Iterator[tuple[Any, list[str] | Exception]]:
    """Each migration to check with its SQL, or why that cannot be known."""
    from django.db import connection
    from django.db.migrations.loader import MigrationLoader

    loader = MigrationLoader(connection, replace_migrations=False)
    for (app, name), migration in sorted(loader.graph.nodes.items()):
        module = type(migration).__module__
        if not module.startswith("apps.") or int(name[:4]) <= SINCE.get(app, 0):
            continue
        if MARK.search(inspect.getsource(sys.modules[module])):
            continue
        try:
            yield migration, loader.collect_sql([(migration, False)])
        except Exception as error:
            yield migration, error


def main() -> int:
    """Print what is wrong. Returns 1 if anything is."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chatproject.settings")
    django.setup()
    found = 0
    for migration, sql in new_migrations():
        unknown = [f"its SQL is not known ({sql}): mark it"] if isinstance(sql, Exception) else []
        for fault in unknown or faults(
            sql if isinstance(sql, list) else [], atomic=migration.atomic
        ):
            found += 1
            print(f"{migration}: {fault}")
    return min(found, 1)


if __name__ == "__main__":
    sys.exit(main())
