"""What a message with files says where there is no room for them."""

from collections.abc import Sequence

from django.utils.translation import gettext, ngettext, override

GIF = "gif"


def file_line(text: str, kinds: Sequence[str], name: str, *, language: str) -> str:
    """The text after a sign of its files; without text, the sign and a few words for them.

    The words are in the person's language. `kinds` are FileKinds, or GIF for a picture that moves;
    `name` is that of the first file.
    """
    if not kinds:
        return text
    with override(language):
        sign, words = _one(kinds[0], name) if len(kinds) == 1 else _several(kinds)
    return f"{sign} {text or words}"


def _several(kinds: Sequence[str]) -> tuple[str, str]:
    if set(kinds) <= {"image", GIF}:
        return "📷", ngettext("{n} photo", "{n} photos", len(kinds)).format(n=len(kinds))
    return "📎", ngettext("{n} file", "{n} files", len(kinds)).format(n=len(kinds))


def _one(kind: str, name: str) -> tuple[str, str]:
    match kind:
        case "image":
            return "📷", gettext("Photo")
        case "gif":
            return "🎞️", gettext("GIF")
        case "voice":
            return "🎤", gettext("Voice message")
        case "video":
            return "🎬", gettext("Video")
        case _:
            return "📎", name
