"""The link with which the first administrator makes their account."""

from chatproject.run.release import disconnect


def print_link() -> None:
    """Print a new link, which replaces that of the last start, while nobody is an administrator."""
    from apps.accounts.actions import invites  # needs Django's apps

    created = invites.renew_first_administrators()
    disconnect()
    if created:
        print("Nobody is an administrator yet. This link makes the account of the first one. It")
        print(f"works once, within a day: {created.link}", flush=True)
