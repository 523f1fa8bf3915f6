"""Converts mrkdwn, the markup of Slack, into that of Parley.

Source: https://docs.slack.dev/messaging/formatting-message-text
"""

import re
from collections.abc import Mapping
from typing import NamedTuple

from apps.archive.vendors import emoji, texts
from apps.archive.vendors.people import People
from apps.archive.vendors.report import Report

CODE_OR_TOKEN = re.compile(r"```(.+?)```|`([^`\n]+)`|<([^<>\n]{1,4000})>", re.DOTALL)
# Stand for code and tokens while the text around them is converted.
HELD = re.compile("\x01([0-9]+)\x02")
MARKS = str.maketrans("", "", "\x01\x02")
BOLD = re.compile(r"(?<![\w*])\*(?=[^\s*])([^*\n]*[^\s*])\*(?![\w*])")
STRUCK = re.compile(r"(?<![\w~])~(?=[^\s~])([^~\n]*[^\s~])~(?![\w~])")
QUOTE = re.compile(r"\A&gt; ?")
LONG_QUOTE = "&gt;&gt;&gt;"
EVERYBODY = {"here", "channel", "everyone", "group"}


class Converted(NamedTuple):
    """A text of Parley. `mentions` are ids of people."""

    text: str
    mentions: list[str]
    mentions_all: bool


class Markup:
    """Knows the people and channels that texts name."""

    def __init__(self, people: People, channels: Mapping[str, str], report: Report) -> None:
        self._people = people
        self._channels = channels
        self._report = report

    def convert(self, text: str) -> Converted:
        """A text of Slack as Parley writes it."""
        return _Text(self, text).converted()

    def mention(self, key: str, label: str = "") -> str:
        """Somebody's `@username`."""
        return f"@{self._people.named(key, label).username}"

    def channel(self, key: str, label: str = "") -> str:
        """The name of a channel."""
        return f"#{label or self._channels.get(key) or key}"

    def emoji(self, text: str) -> str:
        """The text with the emoji of its names."""
        found, unknown = emoji.in_text(text)
        for name in unknown:
            self._report.changed("custom emoji in texts", "shown by their names", f":{name}:")
        return found

    def count_everybody(self, which: str) -> None:
        """Note that a mention of the active people became one of all."""
        if which != "channel":
            self._report.changed("mentions of many", "as @all", f"@{which}")


class _Text:
    """One text while it is converted."""

    def __init__(self, markup: Markup, text: str) -> None:
        self._markup = markup
        self._text = text.translate(MARKS)
        self._held: list[str] = []
        self._mentions: dict[str, None] = {}
        self._mentions_all = False

    def converted(self) -> Converted:
        text = CODE_OR_TOKEN.sub(self._hold, self._text)
        text = STRUCK.sub(r"~~\1~~", BOLD.sub(r"**\1**", text))
        text = self._markup.emoji(unescaped(_quotes(text)))
        text = HELD.sub(lambda found: self._held[int(found[1])], text)
        return Converted(text, [*self._mentions], self._mentions_all)

    def _hold(self, found: re.Match[str]) -> str:
        if found[1] is not None:
            shown = f"```\n{self._in_code(found[1])}\n```"
            before, after = found.string[: found.start()], found.string[found.end() :]
            # A fence stands in lines of its own.
            shown = f"{'' if not before or before.endswith(chr(10)) else chr(10)}{shown}"
            shown += "" if not after or after.startswith("\n") else "\n"
        elif found[2] is not None:
            shown = f"`{self._in_code(found[2])}`"
        else:
            shown = self._token(found[3])
        self._held.append(shown)
        return f"\x01{len(self._held) - 1}\x02"

    def _in_code(self, code: str) -> str:
        """Code with the words of its tokens: an address is no link there."""
        plain = re.sub(r"<([^<>\n]+)>", lambda found: _words(found[1]), code.strip("\n"))
        return unescaped(plain)

    def _token(self, token: str) -> str:
        target, _, label = token.partition("|")
        target, label = unescaped(target), unescaped(label)
        match target[:1]:
            case "@":
                self._mentions[target[1:]] = None
                return self._markup.mention(target[1:], label)
            case "#":
                return self._markup.channel(target[1:], label)
            case "!":
                return self._special(target[1:], label)
        if target.startswith("mailto:"):
            address = target.removeprefix("mailto:")
            return address if label in ("", address) else f"{label} ({address})"
        return texts.link(self._markup.emoji(label), target)

    def _special(self, command: str, label: str) -> str:
        if command in EVERYBODY:
            self._mentions_all = True
            self._markup.count_everybody(command)
            return "@all"
        # `subteam^S1|@team`, `date^1392734382^{date}|a date`
        return label or command.partition("^")[0]


def unescaped(text: str) -> str:
    """The characters that Slack escapes."""
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def _words(token: str) -> str:
    target, _, label = token.partition("|")
    return label or target


def _quotes(text: str) -> str:
    """Quoted lines with a space after the mark, and the long quote as one of lines."""
    if "&gt;" not in text:
        return text
    lines, is_quote = [], False
    for line in text.split("\n"):
        if not is_quote and line.startswith(LONG_QUOTE):
            is_quote, line = True, line.removeprefix(LONG_QUOTE)
        if is_quote:
            line = f"&gt; {line}"
        lines.append(QUOTE.sub("&gt; ", line, count=1))
    return "\n".join(lines)
