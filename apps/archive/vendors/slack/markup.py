"""The people and channels that texts of a Slack export name."""

from collections.abc import Mapping

from apps.archive.vendors.people import People
from apps.archive.vendors.report import Report
from apps.chats.foreign import emoji, slack_markup


class Markup(slack_markup.Markup):
    """Knows the people and channels of the export, and reports what texts lose."""

    def __init__(self, people: People, channels: Mapping[str, str], report: Report) -> None:
        self._people = people
        self._channels = channels
        self._report = report

    def mention(self, key: str, label: str = "") -> str:
        """Somebody's `@username`."""
        return f"@{self._people.named(key, label).username}"

    def channel(self, key: str, label: str = "") -> str:
        """The name of a channel."""
        return super().channel(key, label or self._channels.get(key, ""))

    def emoji(self, text: str) -> str:
        """The text with the emoji of its names."""
        found, unknown = emoji.in_text(text)
        for name in unknown:
            self._report.changed("custom emoji in texts", "shown by their names", f":{name}:")
        return found

    def everybody(self, which: str) -> str:
        """`@all`, noting that a mention of the active people became one of all."""
        if which != "channel":
            self._report.changed("mentions of many", "as @all", f"@{which}")
        return super().everybody(which)
