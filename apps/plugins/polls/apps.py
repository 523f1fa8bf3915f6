from django.utils.translation import gettext_lazy as _

from apps.integrations.plugins.contract import Panel, Plugin, PluginSetting


class Polls(Plugin):
    """Questions with answers to choose from, in a chat."""

    name = "apps.plugins.polls"
    label = "polls"
    title = _("Polls")
    actions = "apps.plugins.polls.acts.ACTIONS"
    commands = "apps.plugins.polls.commands.COMMANDS"
    pages = "apps.plugins.polls.pages"
    draws_entries = True
    schedule = {
        "apps.plugins.polls.tasks.count_votes": 2,
        "apps.plugins.polls.tasks.delete_unused": 3600,
    }
    panels = (Panel(_("New poll"), "polls:new", in_composer=True, icon="chart-bar-horizontal"),)
    settings = (
        PluginSetting(
            "POLLS_MAX_OPTIONS",
            kind="number",
            default="10",
            least=2,
            most=20,
            title=_("Answers of a poll"),
            effect=_("The most. Polls that are there stay as they are."),
        ),
    )

    def ready(self) -> None:
        from apps.accounts.access_handlers import checks_on_each_change, register_access
        from apps.accounts.erasure_handlers import register_erasure
        from apps.accounts.export_handlers import register_export
        from apps.chats.linked_rows import LinkedRows, register_linked_rows
        from apps.plugins.polls import people, voting

        register_access("polls", end=checks_on_each_change)
        register_export("polls", people.sections)
        register_erasure("polls", people.erase)
        register_linked_rows("poll_votes", LinkedRows(voting.votes_of, voting.delete_votes))
