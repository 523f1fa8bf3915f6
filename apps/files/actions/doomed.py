"""Takes back that objects are doomed, when something begins to refer to them."""

from collections.abc import Collection
from datetime import timedelta

from django.db.models import Q
from django.db.models.functions import Now

from apps.files.models import StoredObject

# A pass that begins to delete an object sets `doomed_at` this far ahead. Until then the row stays,
# although the object may be gone: the storage can take long to answer.
DELETING_TTL = timedelta(minutes=10)


def keep(keys: Collection[str], **values: object) -> bool:
    """Doom objects no more, and set other columns of theirs. Returns false if one is gone, or is
    just being deleted: then call it inside a transaction that ends without any of this."""
    kept = Q(doomed_at=None) | Q(doomed_at__gt=Now() + DELETING_TTL)
    rows = StoredObject.objects.filter(kept, key__in=keys)
    return rows.update(doomed_at=None, **values) == len(keys)
