"""The forms of the page of custom emoji. The actions validate what they hold."""

from django import forms
from django.utils.translation import gettext_lazy

from apps.core.refusable_form import RefusableForm


class NewEmojiForm(RefusableForm):
    """An emoji to be added."""

    name = forms.CharField(
        label=gettext_lazy("Name"),
        max_length=34,
        help_text=gettext_lazy("People write it between colons, as in :party_cat:"),
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "none"}),
    )
    picture = forms.FileField(
        label=gettext_lazy("Picture"),
        help_text=gettext_lazy("PNG, GIF, WebP or JPEG, up to 1 MB. It may move."),
    )

    def clean_name(self) -> str:
        """Colons around it are no part of it."""
        return str(self.cleaned_data["name"]).strip().strip(":").lower()


class AliasForm(RefusableForm):
    """Another name for an emoji."""

    alias = forms.CharField(label=gettext_lazy("Another name"), max_length=34)

    def clean_alias(self) -> str:
        """As that of an emoji."""
        return str(self.cleaned_data["alias"]).strip().strip(":").lower()
