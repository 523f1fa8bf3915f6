"""A person's own sharing of their Teams presence, for its page."""

from uuid import UUID

from apps.graph.models import Link


def of(user_id: UUID) -> Link | None:
    """The link; None while the person does not share."""
    return Link.objects.filter(user_id=user_id).first()
