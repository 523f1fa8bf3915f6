"""The mark of a restore that has not ended: a table that exists from its first change to its last
one. No process of the product serves a database that has it."""

from apps.backups.gateways import sessions

MARK = "backups_unfinished_restore"


def is_unfinished() -> bool:
    """Whether a restore of this database was begun, and has not ended. Raises BackupError."""
    with sessions.transaction() as cursor:
        cursor.execute("SELECT to_regclass(%s) IS NOT NULL", [MARK])
        return cursor.fetchone() == (True,)
