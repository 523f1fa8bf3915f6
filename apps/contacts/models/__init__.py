"""Contacts, invitations and blocks; links with which people let others be in touch with them."""

from apps.contacts.models.contact import Contact
from apps.contacts.models.personal_link import PersonalLink

__all__ = ["Contact", "PersonalLink"]
