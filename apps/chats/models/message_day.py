"""How many messages were sent on a day."""

from django.db import models


class MessageDay(models.Model):
    """The messages and system entries of one day, by the clock of the server's time zone.

    `counter` is PostgreSQL's count of all rows ever inserted, as of the last look at it on this
    day: the next look adds the difference. `skipped`: rows that are not of this day (an import
    wrote them) and that this count has, or will have; the next looks leave out so many.
    """

    day = models.DateField(primary_key=True)
    sent = models.BigIntegerField(default=0)
    counter = models.BigIntegerField()
    skipped = models.BigIntegerField(default=0, db_default=0)

    def __str__(self) -> str:
        return f"{self.sent} on {self.day}"
