"""Whether the deletion of an account lets anything open it again."""

from apps.accounts.models import Deletion, User


def may_open(user: User) -> bool:
    """False once the deletion of the account has begun. The caller holds the lock on its row, and
    read it with that lock."""
    begun = Deletion.objects.filter(user_id=user.id, ending_id__isnull=False)
    return user.erased_at is None and not begun.exists()
