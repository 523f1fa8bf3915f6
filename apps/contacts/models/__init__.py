"""How people stand to each other."""

from apps.contacts.models.contact import Contact

__all__ = ["Contact"]
