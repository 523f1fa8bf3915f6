"""The audit log: what moderators and administrators did, each record chained to the one before."""

from django.db import models

HASH_LENGTH = 64


class AuditRecord(models.Model):
    """One thing that was done. Rows are only added: a trigger of the database refuses the rest.

    `number` counts without gaps. `hash` is the SHA-256 of everything here and of `previous`, the
    hash of the record before (`moderation.audit_chain`). `by`: who did it; empty for a program and
    for `manage.py`, whose operating-system user is in `details`. `door`: where it was asked for.
    People, chats and reports are ids and no foreign keys: a record stays when they are deleted, and
    says nothing about a deleted person but the id.
    """

    class Door(models.TextChoices):
        ADMIN = "admin"
        API = "api"
        COMMAND = "command", "manage.py"
        WORKER = "worker"

    number = models.BigIntegerField(primary_key=True)
    # By the clock of the database.
    at = models.DateTimeField()
    action = models.CharField(max_length=40)
    door = models.CharField(max_length=8, choices=Door)
    by = models.UUIDField(null=True)
    person = models.UUIDField(null=True)
    chat = models.UUIDField(null=True)
    seq = models.BigIntegerField(null=True)
    report = models.UUIDField(null=True)
    reason = models.TextField(blank=True)
    # JSON as text, because jsonb would not keep the bytes that were hashed.
    details = models.TextField()
    previous = models.CharField(max_length=HASH_LENGTH)
    hash = models.CharField(max_length=HASH_LENGTH, unique=True)

    class Meta:
        verbose_name = "audit record"
        verbose_name_plural = "audit log"
        default_permissions = ("view",)
        indexes = [
            # moderation.admin: what was done to a person, newest first; the same of one who did it.
            models.Index(
                "person", "number", name="audit_person", condition=models.Q(person__isnull=False)
            ),
            models.Index("by", "number", name="audit_by", condition=models.Q(by__isnull=False)),
            models.Index("door", "number", name="audit_door"),
        ]

    def __str__(self) -> str:
        return str(self.number)
