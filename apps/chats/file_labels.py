"""What a message that consists of files is called where there is no room for them."""

from collections.abc import Sequence

from django.utils.translation import gettext, ngettext, override

from apps.wire.bodies import FileKind


def file_label(kinds: Sequence[FileKind], name: str, *, language: str) -> str:
    """A few words for files of these kinds, in a person's language; `name` is the first's."""
    with override(language):
        if len(kinds) == 1:
            return _one(kinds[0], name)
        if set(kinds) == {"image"}:
            return "📷 " + ngettext("{n} photo", "{n} photos", len(kinds)).format(n=len(kinds))
        return "📎 " + ngettext("{n} file", "{n} files", len(kinds)).format(n=len(kinds))


def _one(kind: FileKind, name: str) -> str:
    match kind:
        case "image":
            return "📷 " + gettext("Photo")
        case "voice":
            return "🎤 " + gettext("Voice message")
        case "video":
            return "🎬 " + gettext("Video")
        case _:
            return f"📎 {name}"
