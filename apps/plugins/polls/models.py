"""Votes. What a poll asks, and how many chose what, is in the data of its entry."""

from django.db import models


class Poll(models.Model):
    """A poll in which somebody has voted. `uncounted`: a vote has changed since its entry had the
    numbers."""

    chat_id = models.UUIDField()
    seq = models.BigIntegerField()
    uncounted = models.BooleanField(default=False)

    class Meta:
        constraints = [models.UniqueConstraint("chat_id", "seq", name="poll_once")]
        indexes = [
            # voting.count_due
            models.Index("id", name="poll_uncounted", condition=models.Q(uncounted=True)),
        ]

    def __str__(self) -> str:
        return f"{self.chat_id}/{self.seq}"


class Vote(models.Model):
    """One person chose one option, by its place among them. Of an anonymous poll, too: nobody is
    told."""

    poll = models.ForeignKey(Poll, models.CASCADE)
    user_id = models.UUIDField(db_index=True)
    option = models.SmallIntegerField()
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint("poll", "user_id", "option", name="vote_once")]

    def __str__(self) -> str:
        return f"{self.user_id} {self.option}"
