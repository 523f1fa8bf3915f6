"""How an app below `contacts` changes a profile: through the action that `contacts` registers,
which notifies everybody who has the person in their list."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

_updates: list[Callable[..., object]] = []


def register_profile_update(update: Callable[..., object]) -> None:
    """Use `contacts.actions.profile.update` from now on."""
    _updates[:] = [update]


def update_profile(user_id: UUID, *, version: int | None = None, **fields: Any) -> None:
    """Change fields of that version of the person's profile; None: of the current one. Raises what
    that action raises."""
    for update in _updates:
        update(user_id, version=version, **fields)
