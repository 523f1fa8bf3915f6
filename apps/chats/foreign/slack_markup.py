"""Converts mrkdwn, the markup of Slack, into that of Parley.

Source: https://docs.slack.dev/messaging/formatting-message-text
"""

import re
from typing import NamedTuple

from apps.chats.foreign import emoji, texts
from apps.chats.markup import ADDRESS
from apps.chats.plain_text import escaped

# The third is a token; the fourth is an address that a program wrote without one, whose marks are
# characters, as in `?query=*:*`.
CODE_OR_TOKEN = re.compile(
    rf"```(.+?)```|`([^`\n]+)`|<([^<>\n]{{1,4000}})>|(https?://{ADDRESS}+(?<![*~.,;:!?)]))",
    re.DOTALL,
)
TOKEN = re.compile(r"<([^<>\n]{1,4000})>")
# Stand for code and tokens while the text around them is converted.
HELD = re.compile("\x01([0-9]+)\x02")
MARKS = str.maketrans("", "", "\x01\x02")
BOLD = re.compile(r"(?<![\w*])\*(?=[^\s*])([^*\n]*[^\s*])\*(?![\w*])")
STRUCK = re.compile(r"(?<![\w~])~(?=[^\s~])([^~\n]*[^\s~])~(?![\w~])")
QUOTE = re.compile(r"\A&gt; ?")
LONG_QUOTE = "&gt;&gt;&gt;"
# Of a program that does not escape it: a quote for Slack, too.
BARE_QUOTE = re.compile(r"\A(?:>>>|>)")
# What Slack itself writes in pointed brackets. Anything else is text of a program that does not
# escape it, as in `List<String>`.
ADDRESSED = re.compile(r"[a-z][a-z0-9+.-]*://|(?:mailto|tel|sip|xmpp):", re.IGNORECASE)
SPECIAL = re.compile(r"!(?:here|channel|everyone|group|(?:subteam|date)\^)|[@#][\w-]+(?:\||\Z)")
EVERYBODY = {"here", "channel", "everyone", "group"}


class Converted(NamedTuple):
    """A text of Parley. `mentions` are ids of people."""

    text: str
    mentions: list[str]
    mentions_all: bool


class Markup:
    """Knows no people and channels: texts keep the words that they have for them. A subclass finds
    those that it knows."""

    def convert(self, text: str, *, is_formatted: bool = True) -> Converted:
        """A text of Slack as Parley writes it. Not `is_formatted`: only its links and mentions are
        more than characters."""
        found = _Text(self, text, is_formatted=is_formatted)
        return found.converted() if is_formatted else found.unformatted()

    def mention(self, key: str, label: str = "") -> str:
        """Somebody's `@username`."""
        return f"@{(label or key).removeprefix('@')}"

    def channel(self, key: str, label: str = "") -> str:
        """The name of a channel."""
        return f"#{label or key}"

    def emoji(self, text: str) -> str:
        """The text with the emoji of its names."""
        return emoji.in_text(text)[0]

    def everybody(self, which: str) -> str:
        """A mention of all, or of those who are active."""
        return "@all"


class _Text:
    """One text while it is converted."""

    def __init__(self, markup: Markup, text: str, *, is_formatted: bool) -> None:
        self._markup = markup
        self._is_formatted = is_formatted
        self._text = text.translate(MARKS)
        self._held: list[str] = []
        self._mentions: dict[str, None] = {}
        self._mentions_all = False

    def converted(self) -> Converted:
        text = CODE_OR_TOKEN.sub(self._hold, self._text)
        text = self._markup.emoji(unescaped(_quotes(_emphasized(text))))
        text = HELD.sub(lambda found: self._held[int(found[1])], text)
        return Converted(text, [*self._mentions], self._mentions_all)

    def unformatted(self) -> Converted:
        text = TOKEN.sub(self._hold_token, self._text)
        text = escaped(self._markup.emoji(unescaped(text)))
        text = HELD.sub(lambda found: self._held[int(found[1])], text)
        return Converted(text, [*self._mentions], self._mentions_all)

    def _hold_token(self, found: re.Match[str]) -> str:
        self._held.append(self._token(found[1]))
        return f"\x01{len(self._held) - 1}\x02"

    def _hold(self, found: re.Match[str]) -> str:
        if found[1] is not None:
            shown = f"```\n{self._in_code(found[1])}\n```"
            before, after = found.string[: found.start()], found.string[found.end() :]
            # A fence stands in lines of its own.
            shown = f"{'' if not before or before.endswith(chr(10)) else chr(10)}{shown}"
            shown += "" if not after or after.startswith("\n") else "\n"
        elif found[2] is not None:
            shown = f"`{self._in_code(found[2])}`"
        elif found[3] is not None:
            shown = self._token(found[3])
        else:
            shown = unescaped(found[4])
        self._held.append(shown)
        return f"\x01{len(self._held) - 1}\x02"

    def _in_code(self, code: str) -> str:
        """Code with the words of its tokens: an address is no link there."""
        plain = TOKEN.sub(lambda found: _words(found[1]), code.strip("\n"))
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
        if not label and not ADDRESSED.match(target):
            return f"<{target}>"
        label = _emphasized(label) if self._is_formatted else label
        return texts.link(self._markup.emoji(label), target)

    def _special(self, command: str, label: str) -> str:
        if command in EVERYBODY:
            self._mentions_all = True
            return self._markup.everybody(command)
        # `subteam^S1|@team`, `date^1392734382^{date}|a date`
        return label or (command.partition("^")[0] if "^" in command else f"<!{command}>")


def _emphasized(text: str) -> str:
    return STRUCK.sub(r"~~\1~~", BOLD.sub(r"**\1**", text))


def unescaped(text: str) -> str:
    """The characters that Slack escapes."""
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def _words(token: str) -> str:
    """What a token shows in code."""
    if not (ADDRESSED.match(token) or SPECIAL.match(token)):
        return f"<{token}>"
    target, _, label = token.partition("|")
    return label or target


def _quotes(text: str) -> str:
    """Quoted lines with a space after the mark, and the long quote as one of lines."""
    if "&gt;" not in text and ">" not in text:
        return text
    lines, is_quote = [], False
    for line in text.split("\n"):
        line = BARE_QUOTE.sub(lambda found: found[0].replace(">", "&gt;"), line)
        if not is_quote and line.startswith(LONG_QUOTE):
            is_quote, line = True, line.removeprefix(LONG_QUOTE)
        if is_quote:
            line = f"&gt; {line}"
        lines.append(QUOTE.sub("&gt; ", line, count=1))
    return "\n".join(lines)
