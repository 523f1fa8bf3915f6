"""Files that are the picture of a person or of a group: checked, and counted as uses.

Call both functions in the transaction that changes the picture: `lock` before people's streams are
locked (docs/locks.md), `replace` when the picture is known to be the locked one.
"""

from uuid import UUID

from apps.core.errors import Invalid
from apps.files.actions import uses
from apps.files.models import File
from apps.files.queries.uploads import EXISTING


def lock(user_id: UUID, *, current: UUID | None, wanted: UUID | None, pointer: str) -> None:
    """Lock the files of a picture and its replacement, in the order of their ids.

    Raises Invalid with `pointer` unless `wanted` is None or a ready picture that the person
    uploaded.
    """
    uses.lock(file for file in (current, wanted) if file is not None)
    if wanted is None:
        return
    own = File.objects.filter(EXISTING, id=wanted, owner_id=user_id, state=File.State.READY)
    if not own.filter(body__kind="image").exists():
        reason = "Choose a picture that you have uploaded."
        raise Invalid(reason, pointer=pointer, reason=reason)


def replace(current: UUID | None, wanted: UUID | None) -> None:
    """Count the uses of two locked files. What nothing else uses is deleted soon after."""
    uses.remove([] if current is None else [current])
    uses.add([] if wanted is None else [wanted])
