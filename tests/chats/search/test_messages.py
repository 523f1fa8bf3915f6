"""Message search: matching, filters, ranking and excerpts."""

import random
from datetime import timedelta
from uuid import UUID

import pytest
from django.utils import timezone

from apps.accounts.models import User
from apps.chats.actions.edits import delete_message, edit_message
from apps.chats.actions.groups import create_group, rename_group
from apps.chats.models import Indexed, Message, Searchable
from apps.chats.queries import search
from tests.chats.factories import write
from tests.chats.search.helpers import hits, marked, texts


def set_time(chat: UUID, seq: int, at: object) -> None:
    """Change the sending time of a message, and rebuild the index."""
    Message.objects.filter(chat_id=chat, seq=seq).update(created_at=at)
    Searchable.objects.all().delete()
    Indexed.objects.all().delete()


def test_all_words_must_occur_in_any_order_and_case(alice, bob, chat):
    for text in ("The release is ready", "ready to RELEASE it", "release", "already released it"):
        write(alice, chat, text)
    assert set(texts(bob, "ready release")) == {"The release is ready", "ready to RELEASE it"}


def test_a_phrase_matches_in_its_order_only(alice, chat):
    for text in ("to be or not", "or to not be", "to-be; or not?"):
        write(alice, chat, text)
    assert set(texts(alice, '"be or not"')) == {"to be or not", "to-be; or not?"}


def test_a_dash_excludes_words_and_phrases(alice, chat):
    for text in ("red car", "red bus", "red fast bus"):
        write(alice, chat, text)
    assert texts(alice, "red -bus") == ["red car"]
    assert set(texts(alice, 'red -"fast bus"')) == {"red car", "red bus"}
    assert texts(alice, "-bus") == ["red car"]


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("Die Straße ist gesperrt", "strasse"),
        ("Déjà vu à l'école", "deja ecole"),
        ("Привет, Ёжик", "ежик"),
        ("我们明天去北京大学", "北京"),
        ("東京タワーに行く", "タワー"),
        ("สวัสดีตอนเช้า", "ตอนเช้า"),
        ("हिन्दी में लिखो", "हिन्दी"),
        ("مرحبا يا صديقي", "صديقي"),
        ("e\u0301tude", "étude"),
        ("ﬁne Ｆｕｌｌ", "fine full"),
        ("see https://example.org/a-b/c_d?x=1", "example.org"),
        ("see https://example.org/a-b/c_d?x=1", "a-b/c_d"),
        ("call <div class='x'> now", "div"),
        ("mail me@example.org or v1.2.3-rc4", "v1.2.3-rc4"),
        ("run foo_bar(baz)", "foo_bar"),
        ("x = 1e5abc", "1e5abc"),
        ("git commit --no-verify", "--no-verify"),
        ("山田太郎さん", "太郎"),
        ("ｶﾀｶﾅﾊﾟｰﾃｨｰ", "カタカナ"),
        ("パーティー", "ﾊﾟｰﾃｨｰ"),
        ("か\u3099っこう", "がっこう"),
        ("مُحَمَّد هنا", "محمد"),
        ("العربيـــة محمد", "العربية مُحَمَّد"),
        ("أحمد", "احمد"),
        ("\ufee3\ufea4\ufee4\ufeaa", "محمد"),
        ("שָׁלוֹם לך", "שלום"),
        ("שלום", "שָׁלוֹם"),
        ("Parley™ ｶﾅ", "parley"),
        ("\u1112\u1161\u11ab국", "한국"),
    ],
)
def test_words_match_in_many_languages_and_with_signs(alice, chat, text, asked):
    write(alice, chat, text)
    write(alice, chat, "something else")
    assert texts(alice, asked) == [text]


def test_chinese_characters_must_be_adjacent(alice, chat):
    write(alice, chat, "北方的京剧")
    assert texts(alice, "北京") == []


@pytest.mark.parametrize(
    ("language", "said", "asked"),
    [
        ("en", "they were running late", "run"),
        ("en", "they were running late", "runs"),
        ("en-GB", "two studies", "study"),
        ("en", "one study", "studies"),
        ("de", "die Häuser am See", "haus"),
        ("de", "das Haus am See", "Häuser"),
        ("ru", "красивая книга", "книги"),
    ],
)
def test_inflected_forms_match_in_the_askers_language(alice, bob, chat, language, said, asked):
    if len(asked) < 4:
        said, asked = asked, "running"
    write(bob, chat, said)
    User.objects.filter(id=alice.id).update(locale=language)
    alice.refresh_from_db()
    [hit] = hits(alice, asked)
    assert marked(hit)
    assert texts(alice, f'"{asked}"') == []
    User.objects.filter(id=alice.id).update(locale="xx")
    alice.refresh_from_db()
    assert texts(alice, asked) == []


def test_a_word_with_the_same_prefix_is_not_an_inflected_form(alice, chat):
    write(alice, chat, "the runway")
    write(alice, chat, "they run")
    assert texts(alice, "running") == ["they run"]


def test_the_from_filter(alice, bob, chat):
    write(alice, chat, "hello there")
    write(bob, chat, "hello back")
    assert texts(alice, "hello from:bob") == ["hello back"]
    assert texts(alice, "hello from:@Bob") == ["hello back"]
    assert texts(bob, "hello from:me") == ["hello back"]
    assert texts(bob, "from:ärmel") == ["hello there"]
    assert set(texts(bob, "from:alice from:bob")) == {"hello there", "hello back"}
    assert texts(bob, "hello from:nobody") == []
    assert texts(bob, "hello from:%") == []


def test_the_in_filter(alice, bob, chat):
    group = create_group(alice.id, "Design team", [bob.id])
    write(alice, chat, "hello you")
    write(alice, group, "hello all")
    assert texts(alice, 'hello in:"design TEAM"') == ["hello all"]
    assert texts(alice, "hello in:team") == ["hello all"]
    assert texts(alice, "hello in:bob") == ["hello you"]
    assert set(texts(alice, "hello in:bob in:design")) == {"hello you", "hello all"}
    assert texts(alice, "hello in:%") == texts(alice, "hello in:sign") == []
    assert texts(alice, "hello", in_chat=group) == ["hello all"]


def test_parts_of_names_without_spaces_are_found(alice, bob, chat):
    group = create_group(alice.id, "開発会議", [bob.id])
    User.objects.filter(id=bob.id).update(name="山田太郎")
    write(alice, group, "hello all")
    write(bob, chat, "hello you")
    assert texts(alice, "hello in:会議") == ["hello all"]
    assert texts(alice, "hello in:太郎") == texts(alice, "from:太郎") == ["hello you"]
    assert texts(alice, "hello in:議会") == texts(alice, "from:郎太") == []
    [found], _ = search.chats(alice.id, "会議", after=None, limit=20)
    assert found.id == group


def test_the_has_filter(alice, chat):
    for text in (
        "see https://a.example",
        "run `ls`",
        "see http",
        "plain ` tick",
        "both http://b `x`",
        "(www.a.example)",
        "awww.so.sweet www.",
        "```\ncurl https://in.code\n```",
    ):
        write(alice, chat, text)
    linked = {"see https://a.example", "both http://b `x`", "(www.a.example)"}
    assert set(texts(alice, "has:link")) == linked
    assert "run `ls`" in texts(alice, "has:code")
    assert set(texts(alice, "has:code -curl")) == {"run `ls`", "both http://b `x`"}
    assert texts(alice, "has:code has:link") == ["both http://b `x`"]
    assert texts(alice, "has:link see") == ["see https://a.example"]


def test_date_filters_use_the_askers_time_zone(alice, bob, chat):
    for seq, at in enumerate(("2026-03-09T14:59Z", "2026-03-09T15:00Z", "2026-03-10T15:00Z"), 1):
        write(bob, chat, f"hello {seq}")
        set_time(chat, seq, at)
    User.objects.filter(id=alice.id).update(time_zone="Asia/Tokyo")
    alice.refresh_from_db()
    assert texts(alice, "on:2026-03-10") == ["hello 2"]
    assert texts(alice, "before:2026-03-10") == ["hello 1"]
    assert texts(alice, "after:2026-03-10 hello") == ["hello 3"]
    assert texts(alice, "after:2026-03-10 before:2026-03-10") == []
    assert texts(bob, "on:2026-03-09") == ["hello 2", "hello 1"]


def test_very_old_messages_are_found(alice, chat):
    write(alice, chat, "ancient words")
    for at in ("1969-07-20T20:17Z", "1999-12-31T23:59Z", "2015-01-01T00:00Z"):
        set_time(chat, 1, at)
        assert texts(alice, "ancient") == ["ancient words"]
        assert texts(alice, "-modern") == ["ancient words"]


def test_edits_replace_and_deletions_remove_words(alice, bob, chat):
    sent = write(alice, chat, "first words")
    assert texts(bob, "first") == ["first words"]
    edit_message(alice.id, chat, seq=sent.seq, text="second thoughts")
    assert texts(bob, "first") == []
    assert texts(bob, "second") == ["second thoughts"]
    delete_message(alice.id, chat, seq=sent.seq)
    assert texts(bob, "second") == []
    assert texts(bob, "from:alice") == []


def test_system_entries_are_not_found(alice):
    group = create_group(alice.id, "Zebra", [])
    rename_group(alice.id, group, "Giraffe")
    assert texts(alice, "zebra") == texts(alice, "giraffe") == []


@pytest.mark.parametrize(
    "asked",
    [
        *("a & b", "cat:*", "!cat", "(cat", "cat <-> dog", "'cat' | 'dog'", "%%", "__", "\\\\"),
        *("'; --", "=w2950", "=link", "{0}", "%(chats)s", "%s %d", "$$ $1", "😀😀", "\u0301\u0301"),
        *("\u200b\u200b", "\ud7ff\ue000", "ŉŉ", "--", '""', '"!!"', "-!!", "from:%% zz"),
        'in:"\\" zz',
    ],
)
def test_query_syntax_of_other_languages_has_no_effect(alice, bob, chat, asked):
    write(alice, chat, "nothing of the kind")
    assert texts(bob, asked) == []


def test_better_matches_come_first_then_newer_ones(alice, chat):
    write(alice, chat, "zebra")
    write(alice, chat, "a zebra among very many other words that are not about it at all")
    write(alice, chat, "zebra")
    assert [hit.message.seq for hit in hits(alice, "zebra")] == [3, 1, 2]


def test_older_matches_score_lower(alice, chat):
    write(alice, chat, "the zebra")
    write(alice, chat, "the zebra again")
    assert [hit.message.seq for hit in hits(alice, "zebra")] == [1, 2]
    set_time(chat, 1, timezone.now() - timedelta(days=400))
    assert [hit.message.seq for hit in hits(alice, "zebra")] == [2, 1]


def test_the_excerpt_is_plain_text_with_highlight_ranges(alice, chat):
    write(alice, chat, "😀 <b>Zoë</b> said: zoe & ZOE\nzoetrope")
    [hit] = hits(alice, "zoe")
    assert hit.excerpt == "😀 <b>Zoë</b> said: zoe & ZOE zoetrope"
    assert marked(hit) == ["Zoë", "zoe", "ZOE"]


@pytest.mark.parametrize(
    ("text", "asked", "found"),
    [
        ("昨日ﾊﾟｰﾃｨｰに行った", "パーティー", "ﾊﾟｰﾃｨｰ"),
        ("هنا مُحَمَّد هنا", "محمد", "مُحَمَّد"),
        ("run git commit --no-verify now", "--no-verify", "no-verify"),
    ],
)
def test_other_spellings_are_highlighted_as_they_were_written(alice, chat, text, asked, found):
    write(alice, chat, text)
    [hit] = hits(alice, asked)
    assert marked(hit) == [found]


def test_the_excerpt_has_no_marks_of_markup(alice, chat):
    text = "> the **final** [plan](https://final.example)\n- `final` 😀 ~~x~~ fi**na**l"
    write(alice, chat, text)
    [hit] = hits(alice, "final")
    assert hit.excerpt == "the final plan • final 😀 x fi**na**l"
    assert marked(hit) == ["final", "final"]
    write(alice, chat, "word " * 2_000 + "\n**the *needle*** and " + "tail " * 2_000)
    [hit] = hits(alice, "needle")
    assert " word word the needle and tail " in hit.excerpt
    assert marked(hit) == ["needle"]


def test_a_match_that_is_not_shown_is_found(alice, chat):
    write(alice, chat, "[the plan](https://hidden.example)")
    [hit] = hits(alice, "hidden")
    assert (hit.excerpt, hit.highlights) == ("the plan", [])


def test_a_phrase_is_highlighted_as_a_whole(alice, chat):
    write(alice, chat, "York is old, New-York is new, new is York")
    [hit] = hits(alice, '"new york"')
    assert marked(hit) == ["New-York"]


@pytest.mark.parametrize(
    "before", ["word " * 16_000, "wörd\n" * 3000, "北" * 16_000, "½ ŉ " * 30, "<&>" * 9000]
)
def test_the_excerpt_of_a_long_text_shows_the_match(alice, chat, before):
    write(alice, chat, f"{before} the needle is here {'tail ' * 200}")
    [hit] = hits(alice, '"needle is"')
    assert marked(hit) == ["needle is"]
    assert len(hit.excerpt) <= 260
    assert hit.excerpt.endswith("…")


HARD = {
    "distinct letters": "".join(map(chr, range(0x4E00, 0x9FFF))) * 4 + "x",
    "distinct astral letters": "".join(map(chr, range(0x20000, 0x2A6DF))) * 2,
    "one long word": "a" * 99_999,
    "distinct short words": " ".join(f"{n:x}" for n in range(17_000)),
    "ligatures that unfold": "\ufdfa" * 99_999,
    "marks": "a" + "\u0301" * 99_998,
    "quotes and backslashes": "'\\" * 49_999,
    "random": "".join(
        chr(code)
        for code in random.Random(1).choices(range(1, 0x110000), k=99_999)
        if not 0xD800 <= code <= 0xDFFF
    ),
}


@pytest.mark.parametrize("text", HARD.values(), ids=HARD)
def test_every_valid_text_can_be_indexed(alice, chat, text):
    write(alice, chat, text[:99_999])
    write(alice, chat, "something after it")
    assert texts(alice, "something after") == ["something after it"]
    assert Indexed.objects.get(chat_id=chat).rev == 2


def test_pages_together_contain_every_hit_once(alice, chat):
    for n in range(45):
        write(alice, chat, f"zebra {n}")
    found = [hit.message.seq for hit in hits(alice, "zebra")]
    assert sorted(found) == list(range(1, 46))
