"""What administrators set while the server runs."""

from django.conf import settings
from django.db import models


class RuntimeSetting(models.Model):
    """A value that counts in place of the environment's, in its form (`apps.core.runtime`). A
    setting that is reset has no row. `name` is that of a setting, or `limit.` and that of a rate
    limit."""

    name = models.CharField(primary_key=True, max_length=60)
    value = models.TextField()
    # Empty: an operator with `manage.py`.
    set_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, db_index=False, related_name="+"
    )
    set_at = models.DateTimeField()

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return self.name


class RateLimit(RuntimeSetting):
    """The rows of rate limits, which have a page of their own in the admin."""

    class Meta:
        proxy = True
        default_permissions = ()
