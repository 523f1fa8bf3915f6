"""The versions of what administrators set while the server runs."""

from django.conf import settings
from django.db import models


class SettingsVersion(models.Model):
    """All that was set after one change: the newest version counts. Rows are only added.

    `number` counts without gaps. `settings` has the value of each that is set, in the form of the
    environment (`apps.core.runtime`), by the name of a setting, or `limit.` and that of a rate
    limit. `changes`: by name, what counted before and after. `reverted_to`: the version whose
    settings this one has again.
    """

    number = models.BigIntegerField(primary_key=True)
    at = models.DateTimeField()
    # Empty: an operator with `manage.py`.
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, db_index=False, related_name="+"
    )
    reason = models.TextField(blank=True)
    settings = models.JSONField()
    changes = models.JSONField()
    reverted_to = models.BigIntegerField(null=True)

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return str(self.number)


class RuntimeSetting(SettingsVersion):
    """The settings, which have pages of their own in the admin. No rows are theirs."""

    class Meta:
        proxy = True
        default_permissions = ()


class RateLimit(SettingsVersion):
    """The rate limits, as the settings."""

    class Meta:
        proxy = True
        default_permissions = ()
