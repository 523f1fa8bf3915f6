"""What suspended people answered."""

from django.conf import settings
from django.db import models


class Appeal(models.Model):
    """The one answer of a person to a suspension, which began at `suspended_at`."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", db_index=False
    )
    suspended_at = models.DateTimeField()
    text = models.TextField()
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        default_permissions = ()
        constraints = [
            # moderation.actions.appeals: one answer.
            models.UniqueConstraint("user", "suspended_at", name="appeal_once"),
        ]

    def __str__(self) -> str:
        return f"appeal of {self.user_id}"
