"""Custom emoji of the installation, their aliases, and the revision of their list."""

from uuid import UUID

from django.db import models

from apps.core.identifiers import new_id


class Emoji(models.Model):
    """A picture that people write as `:name:`. Its objects never change: a new picture is a new
    emoji. `made_by` is empty once that account is deleted."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    name = models.CharField(max_length=32, unique=True)
    made_by = models.UUIDField(null=True)
    made_at = models.DateTimeField(auto_now_add=True)
    # Bytes of the picture, and of its first frame if it moves.
    size = models.PositiveIntegerField()
    still_size = models.PositiveIntegerField(null=True)

    class Meta:
        indexes = [
            # emoji.actions.emoji: how many a person made; emoji.actions.erasure.
            models.Index("made_by", name="emoji_of_person"),
        ]

    def __str__(self) -> str:
        return f":{self.name}:"

    @property
    def keys(self) -> list[str]:
        """The names of its objects."""
        return [image_key(self.id), *([] if self.still_size is None else [still_key(self.id)])]


class Alias(models.Model):
    """Another name of an emoji. No name is that of two emoji (`ListRevision`)."""

    name = models.CharField(primary_key=True, max_length=32)
    emoji = models.ForeignKey(Emoji, models.CASCADE, related_name="aliases")

    def __str__(self) -> str:
        return f":{self.name}:"


class ListRevision(models.Model):
    """The one row that every change of the list moves forward, and locks: so two changes never give
    one name to two emoji, as a name or an alias. Milliseconds since 1970 or more: a restored list
    never has the revision of another one."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    number = models.BigIntegerField()

    def __str__(self) -> str:
        return str(self.number)


def image_key(emoji_id: UUID) -> str:
    """The name of the object with the picture."""
    return f"emoji/{emoji_id}/image"


def still_key(emoji_id: UUID) -> str:
    """The name of the object with the first frame of a picture that moves."""
    return f"emoji/{emoji_id}/still"
