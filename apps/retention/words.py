"""What a receipt counts, in words for the admin."""

from django.utils.translation import gettext_lazy as _

REMOVED = {
    "attachments": _("attachments"),
    "contacts": _("contacts"),
    "deliveries": _("deliveries of notifications"),
    "drafts": _("drafts"),
    "files": _("files"),
    "former_texts": _("former texts of edited messages"),
    "hidden": _("contents of hidden messages"),
    "links": _("links"),
    "memberships": _("memberships of chats"),
    "messages": _("messages"),
    "poll_votes": _("votes in polls"),
    "objects": _("objects in the storage"),
    "objects_kept": _("objects that something else still uses"),
    "previews": _("previews of links"),
    "pushes": _("notifications"),
    "reactions": _("reactions"),
    "search": _("entries of the search index"),
    "sessions": _("sessions"),
    "waits": _("waits for previews"),
    "webhook_log": _("events in the log of webhooks"),
    "webhooks": _("webhooks"),
}


def removed_words(name: str) -> str:
    """A place of `DeletionReceipt.removed` in the language of the reader."""
    return str(REMOVED.get(name) or name.replace("_", " "))
