"""What accounts have identities at the provider."""

from django.contrib.auth.models import AnonymousUser

from apps.accounts.models import User
from apps.sso.models import Identity


def signs_in_elsewhere(user: User | AnonymousUser) -> bool:
    """Whether the account can sign in with the provider, and has no password here.

    Such an account gets none: a password would still work after the provider disabled the person.
    """
    if not isinstance(user, User) or user.has_usable_password():
        return False
    return Identity.objects.filter(user_id=user.pk).exists()
