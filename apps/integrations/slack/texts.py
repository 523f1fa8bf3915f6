"""The texts of a payload, within limits."""

from datetime import UTC, datetime

from apps.chats import addresses
from apps.chats.foreign import texts
from apps.chats.foreign.documents import Fields, storable
from apps.chats.foreign.markdown import outside_code, plain
from apps.chats.foreign.slack_markup import Markup, unescaped
from apps.core.graphemes import cut
from apps.integrations.plain_texts import PlainTexts

# Slack cuts the text of a message there. Here it is all texts of a payload together.
MAX_CHARACTERS = 40_000
# Many short ones cost more than one long one: a link takes a tenth of a millisecond, in which this
# process does nothing else.
MAX_TEXTS = 2_000
MAX_LINE = 300
MAX_ADDRESS = addresses.MAX_LENGTH
CONTROLS = dict.fromkeys([*range(32), *range(0x7F, 0xA0)]) | {9: "\t", 10: "\n"}
LAST_MOMENT = 253_402_300_799


class Texts:
    """Converts the texts of one payload. What is beyond MAX_CHARACTERS or MAX_TEXTS is left
    out."""

    def __init__(self, markup: Markup) -> None:
        self._markup = markup
        self._plain = PlainTexts()
        self._left = MAX_CHARACTERS
        self._texts_left = MAX_TEXTS

    def mrkdwn(self, text: str, *, is_formatted: bool = True) -> str:
        """A text in mrkdwn, as light markup."""
        if not (text := self._within(text)):
            return ""
        is_formatted = is_formatted or not self._plain.takes(text)
        return self._markup.convert(text, is_formatted=is_formatted).text.strip()

    def markdown(self, text: str) -> str:
        """A text in Markdown, as light markup."""
        return outside_code(self._markup.emoji(self._within(text)), plain).strip()

    def line(self, text: str) -> str:
        """A plain text in one line."""
        if not (text := self._within(text[: texts.MAX_WORK])):
            return ""
        return texts.line(self._markup.emoji(unescaped(text)), MAX_LINE)

    def object(self, value: Fields) -> str:
        """A text object of blocks, as light markup."""
        text = words(value, "text")
        if value.text("type") == "mrkdwn":
            return self.mrkdwn(text)
        return self._plain.shown(self._markup.emoji(unescaped(self._within(text)))).strip()

    def link(self, text: str, url: str = "") -> str:
        """A plain text in markup, with a link if there is one."""
        return texts.link(text, url) if url else self._plain.shown(text) if text else ""

    def _within(self, text: str) -> str:
        if not text or not self._texts_left:
            return ""
        self._texts_left -= 1
        text = text.replace("\r\n", "\n").translate(CONTROLS)
        text = cut(text, self._left) if len(text) > self._left else text
        self._left -= len(text)
        return text


def words(fields: Fields, name: str) -> str:
    """A text, or a number that a program sends in place of one."""
    value = fields.get(name)
    if isinstance(value, bool):
        return str(value).lower()
    return storable(str(value)) if isinstance(value, str | int | float) else ""


def web_address(text: str) -> str:
    """An address of the web that is safe to open; empty for anything else."""
    text = text.strip()
    if any(letter.isspace() or not letter.isprintable() for letter in text[: MAX_ADDRESS + 1]):
        return ""
    return text if addresses.SCHEME.match(text) and addresses.target_of(text) else ""


def moment(fields: Fields, name: str) -> str:
    """A time in seconds since 1970, as everybody reads it."""
    try:
        seconds = float(words(fields, name))
    except ValueError:
        return ""
    if not 0 < seconds <= LAST_MOMENT:
        return ""
    return f"{datetime.fromtimestamp(int(seconds), UTC):%Y-%m-%d %H:%M} UTC"
