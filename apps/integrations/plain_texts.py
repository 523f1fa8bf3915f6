"""Plain texts of programs in light markup."""

from apps.chats.plain_text import MARKS, escaped

# Of a message, the characters of texts with marks. Each takes up to a tenth of a millisecond, in
# which this process does nothing else.
MAX_MARKED = 4_000


class PlainTexts:
    """Escapes plain texts, so that they are shown as they are. Marks beyond MAX_MARKED characters
    stay marks."""

    def __init__(self) -> None:
        self._left = MAX_MARKED

    def shown(self, text: str) -> str:
        """The text in markup."""
        return escaped(text) if self.takes(text) else text

    def takes(self, text: str) -> bool:
        """Whether there is time to escape this text, too. Counts it."""
        if not MARKS.search(text):
            return True
        if len(text) > self._left:
            return False
        self._left -= len(text)
        return True
