"""Periodic Celery tasks for accounts."""

from celery import shared_task

from apps.accounts import barred_emails
from apps.accounts.actions import access, erasing, exports, invites, sessions, tickets
from apps.core.background_tasks import background_task


@shared_task
@background_task
def clear_expired_sessions() -> None:
    """Delete expired sessions, tickets and invitations to register, which let nobody in any
    more, and addresses with which people may register again."""
    barred_emails.delete_expired()
    invites.delete_expired()
    tickets.delete_expired()
    sessions.delete_expired()


@shared_task
@background_task
def forget_endings() -> None:
    """Delete old records of ended access."""
    access.forget_old()


@shared_task
@background_task
def make_exports() -> None:
    """Write the exports that people asked for."""
    exports.make_due()


@shared_task
@background_task
def delete_expired_exports() -> None:
    """Delete the files of expired exports, and of closed accounts."""
    exports.delete_expired()


@shared_task
@background_task
def delete_old_export_files() -> None:
    """Delete files of exports that a restore or a killed worker has left."""
    exports.delete_old_files()


@shared_task
@background_task
def erase_accounts() -> None:
    """Delete the accounts whose time to take it back is over."""
    erasing.erase_due()
