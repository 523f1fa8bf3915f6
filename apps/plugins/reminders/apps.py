from django.utils.translation import gettext_lazy as _

from apps.integrations.plugins.contract import Panel, Plugin, PluginSetting


class Reminders(Plugin):
    """Messages at a time: to oneself from the bot of this plugin, or to a chat from the person."""

    name = "apps.plugins.reminders"
    label = "reminders"
    title = _("Reminders")
    commands = "apps.plugins.reminders.commands.COMMANDS"
    pages = "apps.plugins.reminders.pages"
    schedule = {
        "apps.plugins.reminders.tasks.send_due": 2,
        "apps.plugins.reminders.tasks.forget_done": 3600,
    }
    panels = (Panel(_("Reminders"), "reminders:list", in_composer=True, icon="clock"),)
    settings = (
        PluginSetting(
            "REMINDERS_PER_PERSON",
            kind="number",
            default="50",
            least=1,
            most=1_000,
            title=_("Reminders of a person"),
            effect=_("That wait at once. Those that are set already stay."),
        ),
    )

    def ready(self) -> None:
        from apps.accounts.access_handlers import register_access
        from apps.accounts.erasure_handlers import register_erasure
        from apps.accounts.export_handlers import register_export
        from apps.plugins.reminders import people

        register_access("reminders", end=people.end_of_scope, left=people.left)
        register_export("reminders", people.sections)
        register_erasure("reminders", people.erase)
