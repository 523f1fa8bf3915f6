"""What suspended people answered."""

from django.conf import settings
from django.db import models


class Appeal(models.Model):
    """The one answer of a person to a suspension, which began at `suspended_at`. `kept_at`: when a
    moderator decided that the suspension stays."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", db_index=False
    )
    suspended_at = models.DateTimeField()
    text = models.TextField()
    at = models.DateTimeField(auto_now_add=True)
    kept_at = models.DateTimeField(null=True)

    class Meta:
        default_permissions = ()
        constraints = [
            # moderation.actions.appeals: one answer.
            models.UniqueConstraint("user", "suspended_at", name="appeal_once"),
        ]
        indexes = [
            # moderation.queries.waiting: those that nobody has dealt with.
            models.Index("id", name="appeal_waiting", condition=models.Q(kept_at=None)),
        ]

    def __str__(self) -> str:
        return f"appeal of {self.user_id}"
