"""What ends a backup, a restore or a drill."""


class BackupError(Exception):
    """The text is one line for the operator: what is wrong, and what to do."""


class NoIdentity(BackupError):
    """The backup is encrypted, and no private key was named."""

    def __init__(self) -> None:
        super().__init__("The backup is encrypted: name the identity (--identity FILE).")
