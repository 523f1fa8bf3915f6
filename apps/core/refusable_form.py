"""A form that an action may refuse."""

from django import forms
from django.utils.translation import gettext

from apps.core.errors import Refused


class RefusableForm(forms.Form):
    """A form that shows the refusal of an action at its field."""

    def refuse(self, error: Refused) -> None:
        """Show why it was refused."""
        field = (error.pointer or "").removeprefix("#/")
        reason = gettext(getattr(error, "reason", "") or error.detail)
        self.add_error(field if field in self.fields else None, reason)
