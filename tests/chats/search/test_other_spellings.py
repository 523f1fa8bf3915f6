"""Messages and names from before words were found in other spellings."""

import re
import sys
import unicodedata
from importlib import import_module

import pytest
from django.db import connection

from apps.accounts.models import User
from apps.chats.models import Indexed, Searchable
from apps.chats.tasks import index_messages
from tests.chats.factories import write
from tests.chats.search.helpers import texts
from tests.support.people import direct_chat, person

pytestmark = pytest.mark.django_db
migration = import_module("apps.chats.migrations.0022_search_other_spellings")
COMBINING = re.compile(f"[{migration.COMBINING}]")
FORMER = """
CREATE OR REPLACE FUNCTION parley_fold(words text) RETURNS text
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN lower(public.unaccent('public.unaccent'::regdictionary, words));
CREATE OR REPLACE FUNCTION parley_person_fold(username varchar, name varchar) RETURNS text
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN parley_fold(username || ' ' || name);
"""


@pytest.mark.parametrize("size", [1, 5_000])
def test_only_what_has_another_spelling_is_indexed_again(
    alice, bob, charlie, chat, monkeypatch, size
):
    monkeypatch.setattr(migration, "SLICE", size)
    plain = direct_chat(bob, charlie)
    with connection.cursor() as cursor:
        cursor.execute(FORMER)
        write(alice, chat, "plain words")
        write(alice, chat, "昨日ﾊﾟｰﾃｨｰ")
        write(alice, chat, "more words")
        write(bob, plain, "日本 é")
        person("taro", name="山田太郎")
        index_messages()
        Searchable.objects.update(source=None)  # the former release did not keep it
        cursor.execute(migration.FOLD)
        cursor.execute(migration.NAMES)
    assert texts(bob, "パーティー") == []

    with connection.schema_editor(atomic=False) as editor:
        migration.renew(None, editor)

    assert dict(Indexed.objects.values_list("chat_id", "rev")) == {chat: 1, plain: 1}
    assert texts(bob, "パーティー") == ["昨日ﾊﾟｰﾃｨｰ"]
    assert Searchable.objects.count() == 4
    assert User.objects.get(username="taro").search_name == "taro 山 田 太 郎"


@pytest.mark.parametrize(
    ("words", "folded"),
    [
        ("ｶ" + "ﾞ" * 31, "ガ" + "\u3099" * 29),
        ("ｶ" + "ﾞ\u0345" * 100 + "ｷ", "ガ" + "\u3099" * 14 + "キ"),
        ("ﾊﾞ" * 100, "バ" * 100),
    ],
)
def test_a_row_of_combining_characters_is_cut(words, folded):
    with connection.cursor() as cursor:
        cursor.execute("SELECT parley_fold(%s)", [words])
        assert cursor.fetchone() == (folded,)


def test_all_characters_that_combine_are_cut():
    """All that Unicode sorts when it normalizes."""
    combining = [
        character
        for character in map(chr, range(sys.maxunicode + 1))
        if unicodedata.combining(unicodedata.normalize("NFKD", character)[0])
    ]
    assert [hex(ord(each)) for each in combining if not COMBINING.match(each)] == []


def test_chats_are_set_back_in_the_order_of_locks():
    assert re.search(
        r"ORDER BY i.chat_id FOR UPDATE.*UPDATE chats_indexed", migration.SET_BACK, re.S
    )
