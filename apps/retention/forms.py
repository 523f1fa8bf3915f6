"""The form of a new hold in the Django admin."""

from uuid import UUID

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext, gettext_lazy

from apps.accounts.models import User
from apps.chats.models import Chat
from apps.retention.models import Hold


class HoldForm(forms.ModelForm):  # type: ignore[type-arg]  # a type only for checkers
    """A new hold, of a chat or of a person. `person_id` takes a username, too."""

    chat_id = forms.UUIDField(
        required=False,
        label=gettext_lazy("Chat"),
        help_text=gettext_lazy("The id of the chat. Leave it empty to put a person on hold."),
        error_messages={"invalid": gettext_lazy("This is no id of a chat.")},
        widget=forms.TextInput({"size": 40}),
    )
    person_id = forms.CharField(
        required=False,
        label=gettext_lazy("Person"),
        help_text=gettext_lazy(
            "The username or the id of the person. Leave it empty to put a chat on hold."
        ),
        widget=forms.TextInput({"size": 40}),
    )

    class Meta:
        model = Hold
        fields = ("chat_id", "person_id", "reason")

    def clean_chat_id(self) -> UUID | None:
        """The id of a chat that exists."""
        chat: UUID | None = self.cleaned_data["chat_id"]
        if chat is not None and not Chat.objects.filter(id=chat).exists():
            raise ValidationError(gettext("There is no such chat."))
        return chat

    def clean_person_id(self) -> UUID | None:
        """The id of a person who has an account."""
        typed = self.cleaned_data["person_id"].removeprefix("@")
        if not typed:
            return None
        try:
            people = User.objects.filter(id=UUID(typed))
        except ValueError:
            people = User.objects.filter(username=typed.lower(), erased_at=None)
        found = people.values_list("id", flat=True).first()
        if found is None:
            raise ValidationError(gettext("There is no such account."))
        return found

    def _get_validation_exclusions(self) -> set[str]:
        # Django checks no constraint with these: `holds.begin` refuses the same in words.
        excluded: set[str] = super()._get_validation_exclusions()  # type: ignore[misc]  # no stub
        return excluded | {"chat_id", "person_id"}
