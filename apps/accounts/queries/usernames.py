"""Finds usernames that nobody has."""

from apps.accounts.former_usernames import is_former
from apps.accounts.models import User
from apps.accounts.usernames import candidates


def free_username(wish: str) -> str:
    """A username like `wish` that nobody has or had. Somebody may take it a moment later."""
    return next(
        name
        for name in candidates(wish)
        if not is_former(name) and not User.objects.filter(username=name).exists()
    )
