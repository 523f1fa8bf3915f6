"""Usernames of deleted accounts: nobody gets them again, so nobody can pose as their persons."""

from hashlib import sha256

from django.db import IntegrityError

from apps.accounts.models import FormerUsername


def reserve(username: str) -> None:
    """Give this username to nobody from now on."""
    FormerUsername.objects.get_or_create(digest=_digest(username))


def refuse_former(username: str) -> None:
    """Raise IntegrityError, as for a name that another account has, if it was a deleted account's.

    Call it after the name was written, in the same transaction: a deletion at the same time has
    then committed.
    """
    if is_former(username):
        raise IntegrityError("the username of a deleted account")


def is_former(username: str) -> bool:
    """Whether it was a deleted account's."""
    return FormerUsername.objects.filter(digest=_digest(username)).exists()


def _digest(username: str) -> str:
    return sha256(username.encode()).hexdigest()
