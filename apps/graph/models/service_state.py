"""How it went when workers last asked Microsoft Graph."""

from django.db import models


class ServiceState(models.Model):
    """One row. `problem` is what went wrong, in the words of Microsoft; empty when it works. Nobody
    asks before `paused_until`: Graph said so."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    kind = models.CharField(max_length=16, blank=True, default="")
    problem = models.CharField(max_length=300, blank=True, default="")
    failed_at = models.DateTimeField(null=True)
    worked_at = models.DateTimeField(null=True)
    paused_until = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.kind or "works"
