"""Fixtures of the tests of the admin's own pages."""

import pytest
from django.contrib.auth.models import Permission

from apps.accounts.models import User
from tests.moderation.conftest import moderator, root
from tests.support.people import alice, bob, charlie, chat, crew, person

__all__ = ["alice", "bob", "charlie", "chat", "crew", "moderator", "root"]


def staff(username: str, *permissions: str) -> User:
    """A member of staff with these permissions (code names)."""
    user = person(username, is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    return user


@pytest.fixture
def helper(db) -> User:
    """Staff who may look at people, and nothing else."""
    return staff("helper", "view_user")
