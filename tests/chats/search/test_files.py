"""Messages are found by the names and kinds of their files."""

import pytest

from apps.chats.actions import edits
from apps.files.models import File
from tests.chats.factories import write
from tests.chats.search.helpers import hits, marked, texts
from tests.support.uploads import stored_file

pytestmark = pytest.mark.usefixtures("files_storage")


@pytest.fixture
def budget(alice, chat):
    """The seq of a message with a file; others are around it."""
    write(alice, chat, "the budget of last year")
    file = stored_file(alice, "Budget-2026_draft.txt", b"numbers")
    seq = write(alice, chat, "as promised", files=[file.id]).seq
    write(alice, chat, "thanks")
    return seq


def test_a_file_is_found_by_the_words_of_its_name(bob, budget):
    assert texts(bob, "budget draft") == ["as promised"]
    assert texts(bob, "promised budget") == ["as promised"]
    assert set(texts(bob, "budget")) == {"as promised", "the budget of last year"}
    for name in ("Budget-2026_draft.txt", "budget-2026", '"draft.txt"'):
        assert texts(bob, name) == ["as promised"]
    assert texts(bob, "draft.pdf") == []
    [hit] = hits(bob, "promised draft")
    assert marked(hit) == ["promised"]
    [hit] = hits(bob, "draft")
    assert (hit.excerpt, marked(hit)) == ("as promised", [])
    assert [each.name for each in hit.message.files] == ["Budget-2026_draft.txt"]


@pytest.mark.parametrize("locale", ["en", "zxx"])
def test_a_file_is_found_by_the_start_of_a_word_of_its_name(alice, bob, chat, locale):
    bob.locale = locale
    for name in ("holiday2.jpg", "Panorama_of_1999.jpg"):
        write(alice, chat, name[:1], files=[stored_file(alice, name, name.encode()).id])
    write(alice, chat, "holidays are panoramic")
    assert texts(bob, "holiday") == (["holidays are panoramic", "h"] if locale == "en" else ["h"])
    assert texts(bob, "holid") == ["h"]
    assert texts(bob, "panor") == texts(bob, "pan 1999") == ["P"]
    for other in ('"holid"', "ho", "oliday", "holid -holiday2"):
        assert texts(bob, other) == []


def test_no_phrase_leads_from_the_text_into_a_name(bob, budget):
    assert texts(bob, '"promised budget"') == []


def test_kinds_of_files_are_filters(alice, bob, chat, budget):
    picture = stored_file(alice, "tower.jpg", b"a picture")
    body = {**picture.body, "kind": "image"}
    File.objects.filter(id=picture.id).update(body=body)
    write(alice, chat, "there", files=[picture.id])
    assert texts(bob, "has:file") == ["there", "as promised"]
    assert texts(bob, "has:image") == ["there"]
    assert texts(bob, "has:document") == ["as promised"]
    assert texts(bob, "has:voice") == []
    assert texts(bob, "has:file promised") == ["as promised"]


def test_a_deleted_message_is_not_found_by_its_file(alice, bob, chat, budget):
    assert texts(bob, "draft")
    edits.delete_message(alice.id, chat, seq=budget)
    assert texts(bob, "draft") == []
