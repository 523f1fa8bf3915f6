"""What a notification says of a message that consists of files."""

import pytest

from apps.accounts.models import User
from apps.chats.queries.notices import describe
from apps.files.models import File
from tests.chats.factories import write
from tests.support.uploads import stored_file

pytestmark = pytest.mark.usefixtures("files_storage")


def said(sender, reader, chat, *kinds, text="", language="en"):
    User.objects.filter(id=reader.id).update(locale=language)
    files = [stored_file(sender, f"{n}.bin", bytes([n])) for n, _ in enumerate(kinds)]
    for file, kind in zip(files, kinds, strict=True):
        body = {**file.body, "kind": "image" if kind == "gif" else kind, "animated": kind == "gif"}
        File.objects.filter(id=file.id).update(body=body)
    seq = write(sender, chat, text, files=[file.id for file in files]).seq
    return describe(reader.id, chat, first=seq, last=seq).body


@pytest.mark.parametrize(
    ("kinds", "text", "language", "expected"),
    [
        (["image"], "", "en", "📷 Photo"),
        (["image", "image"], "", "en", "📷 2 photos"),
        (["image"], "", "de", "📷 Foto"),
        (["voice"], "", "de", "🎤 Sprachnachricht"),
        (["document"], "", "en", "📎 0.bin"),
        (["image", "document"], "", "de", "📎 2 Dateien"),
        (["image"], "the tower", "en", "📷 the tower"),
        (["document", "image"], "both", "en", "📎 both"),
        (["gif"], "", "en", "🎞️ GIF"),
        (["gif", "image"], "", "en", "📷 2 photos"),
        ([], "no file", "en", "no file"),
    ],
)
def test_a_notification_names_the_files_in_the_words_of_its_reader(
    alice, bob, chat, kinds, text, language, expected
):
    assert said(alice, bob, chat, *kinds, text=text, language=language) == expected
