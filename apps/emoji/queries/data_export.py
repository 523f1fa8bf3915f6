"""What this app stores about a person, for an export of their data: the emoji that they made."""

from uuid import UUID

from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import Q

from apps.accounts.export_handlers import Sections, stream
from apps.emoji.models import Emoji


def sections(user_id: UUID) -> Sections:
    """The names and times."""
    rows = Emoji.objects.filter(made_by=user_id).order_by("name")
    others = ArrayAgg("aliases__name", filter=~Q(aliases=None), default=[])
    return {
        "emoji": stream(rows.annotate(other_names=others).values("name", "other_names", "made_at"))
    }
