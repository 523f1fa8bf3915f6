"""Whether anything may open a closed account."""

from apps.accounts.models import Deletion, Placeholder, User


def may_open(user: User) -> bool:
    """False once the deletion of the account has begun, and for a placeholder, which only its
    person opens by claiming it. The caller holds the lock on its row, and read it with that lock.
    """
    begun = Deletion.objects.filter(user_id=user.id, ending_id__isnull=False)
    if user.erased_at is not None or begun.exists():
        return False
    return not Placeholder.objects.filter(user_id=user.id).exists()
