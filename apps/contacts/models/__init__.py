"""Contacts, invitations and blocks."""

from apps.contacts.models.contact import Contact

__all__ = ["Contact"]
