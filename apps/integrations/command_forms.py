"""The forms of a group's commands. The actions validate what they hold."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy

from apps.core.refusable_form import RefusableForm
from apps.integrations.actions.external_commands import MAX_LENGTHS
from apps.integrations.queries.bots import Bot


class CommandForm(RefusableForm):
    """What can be changed of a command."""

    url = forms.CharField(label=gettext_lazy("Address (https://…)"), max_length=2000)
    hint = forms.CharField(
        label=gettext_lazy("Hint for what follows the name"),
        required=False,
        max_length=MAX_LENGTHS["hint"],
    )
    description = forms.CharField(
        label=gettext_lazy("What it does"), required=False, max_length=MAX_LENGTHS["description"]
    )


class NewCommandForm(CommandForm):
    """A command to be made."""

    name = forms.CharField(label=gettext_lazy("Name, without the slash"), max_length=33)
    bot = forms.ChoiceField(label=gettext_lazy("Who writes its answers"), required=False)
    field_order = ("name", "url", "hint", "description", "bot")

    def __init__(self, *args: Any, bots: Iterable[Bot] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        mine = [(str(bot.person.id), bot.person.name) for bot in bots]
        self.fields["bot"] = forms.ChoiceField(
            label=gettext_lazy("Who writes its answers"),
            choices=[("", gettext_lazy("A new bot")), *mine],
            required=False,
        )

    def values(self) -> dict[str, Any]:
        """What the action takes."""
        bot = self.cleaned_data["bot"]
        return self.cleaned_data | {"bot": UUID(bot) if bot else None}
