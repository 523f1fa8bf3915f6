"""A form that an action may refuse."""

from django import forms
from django.utils.translation import gettext

from apps.core.errors import Refused


def reason_of(error: Refused) -> str:
    """Why something was refused, in the person's language."""
    return gettext(error.reason or error.detail)


class RefusableForm(forms.Form):
    """A form that shows the refusal of an action at its field."""

    def refuse(self, error: Refused) -> None:
        """Show why it was refused."""
        field = (error.pointer or "").removeprefix("#/")
        self.add_error(field if field in self.fields else None, reason_of(error))
