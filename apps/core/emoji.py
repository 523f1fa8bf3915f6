"""Checks for a single emoji (Unicode Technical Standard 51), and for the name of a custom one."""

import regex

# One grapheme cluster (UAX 29) that is shown as a picture: an emoji by default or by a variation
# selector (VS16), a keycap, or a flag.
CLUSTER = regex.compile(r"\X")
PICTURE = regex.compile(
    r"(?:[\p{Emoji_Presentation}--\p{Regional_Indicator}]|\p{Extended_Pictographic}\uFE0F?"
    r"|[0-9#*]\uFE0F?\u20E3|\p{Regional_Indicator}{2})[\p{Emoji_Modifier}\p{Emoji_Component}\u200D\uFE0F"
    r"\p{Extended_Pictographic}\U000E0020-\U000E007F]*",
    regex.V1,
)


# A character that may be shown as text unless VS16 follows. A skin tone makes it a picture as well.
TEXT_LIKE = regex.compile(
    r"([\p{Extended_Pictographic}--\p{Emoji_Presentation}]|[0-9#*](?=\u20e3))(?!\p{Emoji_Modifier})",
    regex.V1,
)
# Longest form that is stored.
MAX_LENGTH = 64
VARIATION_SELECTORS = regex.compile("[\ufe0e\ufe0f]")


def fully_qualified(text: str) -> str:
    """The one form of an emoji: VS16 after each character that could be shown as text, and nowhere
    else. So all its spellings are equal."""
    return TEXT_LIKE.sub("\\1\ufe0f", VARIATION_SELECTORS.sub("", text))


def is_single_emoji(text: str) -> bool:
    """Whether `text` is exactly one emoji and nothing else."""
    return bool(CLUSTER.fullmatch(text) and PICTURE.fullmatch(text))


# Of a custom emoji. It has a letter, because `10:30:45` is a time. An underline at either end would
# begin or end italic text.
CUSTOM_NAME = regex.compile(r"(?!_)(?=[0-9_+-]*[a-z])[a-z0-9_+-]{2,32}(?<!_)")


def custom_name(text: str) -> str | None:
    """The name in `:name:`, if a custom emoji could have it."""
    name = text[1:-1]
    is_custom = text == f":{name}:" and CUSTOM_NAME.fullmatch(name)
    return name if is_custom else None
