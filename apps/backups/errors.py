"""What ends a backup, a restore or a drill."""


class BackupError(Exception):
    """The text is one line for the operator: what is wrong, and what to do."""
