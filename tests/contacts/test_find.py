"""Finding people: prefixes, typos, accents, wildcards, pages; and who is never found."""

import pytest
from django.db import connection

from apps.accounts.actions.accounts import deactivate
from apps.accounts.models import User
from apps.contacts.actions import contacts
from apps.contacts.queries import people
from apps.contacts.queries.people import find, get_person
from apps.core.errors import Invalid, NotFound
from tests.support.people import person


def names(asker, words):
    return [item.person.username for item in find(asker.id, words).items]


def test_prefixes_of_usernames_and_names_come_before_similar_names(alice):
    person("zoe", name="Zoë Marchetti")
    person("mara", name="Mara Quist")
    person("quirin", name="Tom Marlow")
    person("tamar", name="Tamar Gold")
    assert names(alice, "mar")[:3] == ["mara", "quirin", "zoe"]
    assert names(alice, "zo") == ["zoe"]


@pytest.mark.parametrize("typo", ["charlei", "chalie", "charrlie", "carlie", "charlye"])
def test_a_name_with_a_typo_is_found(alice, charlie, typo):
    assert "charlie" in names(alice, typo)


@pytest.mark.parametrize("words", ["Äärm", "aarm", "AÄRM", "ÄÄRMEL", "aa\u0308rm"])
def test_accents_and_case_make_no_difference(bob, words):
    person("x1", name="Åse Äärmel")
    assert names(bob, words) == ["x1"]


@pytest.mark.parametrize("words", ["%%", "__", "a%", "\\\\", "_l", "％％", "a_i", "'; --", "al\\"])
def test_wildcards_are_escaped(alice, bob, words):
    assert names(bob, words) == []


@pytest.mark.parametrize("words", ["\u0301\u0301\u0301", "\u200b\u0301"])
def test_words_that_fold_to_nothing_find_nobody(alice, bob, words):
    assert names(bob, words) == []


def test_a_percent_sign_in_a_name_is_found(alice):
    person("sale", name="50% off")
    assert names(alice, "50% o") == ["sale"]


@pytest.mark.parametrize("words", ["", "a", " a ", "@a", "a" * 81, "al\x00", "al\nice", "\ud800ab"])
def test_invalid_searches_are_refused(alice, words):
    with pytest.raises(Invalid) as refused:
        find(alice.id, words)
    assert refused.value.pointer == "#/q"


def test_the_email_is_neither_searched_nor_shown(alice):
    person("bob", name="Bob", email="findme@secret.example")
    for words in ("findme", "secret", "findme@secret.example", "example"):
        assert names(alice, words) == []
    assert "email" not in repr(find(alice.id, "bob"))


def test_oneself_closed_accounts_and_people_who_blocked_the_asker_are_not_found(
    alice, bob, charlie
):
    assert names(alice, "bob") == ["bob"]
    assert names(alice, "charlie") == ["charlie"]
    contacts.block(bob.id, alice.id)
    deactivate(charlie.id)
    assert [names(alice, each) for each in ("bob", "charlie", "alice")] == [[], [], []]
    assert names(bob, "alice") == ["alice"]


def test_found_people_have_the_state_of_the_askers_contact(alice, bob, dana):
    contacts.invite(alice.id, bob.id)
    contacts.block(alice.id, dana.id)
    states = {words: find(alice.id, words).items[0].state for words in ("bob", "dana")}
    assert states == {"bob": "outgoing", "dana": "blocked"}
    assert find(bob.id, "alice").items[0].state == "incoming"


def test_pages_of_twenty_contain_everybody_once(alice):
    User.objects.bulk_create(
        User(username=f"common{number:02}", name="Common", password="!") for number in range(45)
    )
    person("comet", name="Comment")
    pages, cursor = [], None
    while True:
        page = find(alice.id, "common", cursor)
        pages.append([item.person.username for item in page.items])
        cursor = page.next
        if cursor is None:
            break
    assert [len(page) for page in pages] == [20, 20, 6]
    everybody = [name for page in pages for name in page]
    assert everybody == [f"common{number:02}" for number in range(45)] + ["comet"]


def test_a_cursor_of_another_search_or_a_forged_one_is_refused(alice):
    User.objects.bulk_create(User(username=f"common{n}", password="!") for n in range(21))
    cursor = find(alice.id, "common").next
    for words, presented in (("comm", cursor), ("common", cursor[:-1] + "_"), ("common", "x")):
        with pytest.raises(Invalid) as refused:
            find(alice.id, words, presented)
        assert refused.value.pointer == "#/cursor"


def test_the_similarity_threshold_is_set_for_one_search_only(alice, django_assert_num_queries):
    with django_assert_num_queries(4):
        find(alice.id, "bob")


@pytest.mark.django_db(transaction=True)
def test_a_search_leaves_no_setting_on_the_connection():
    find(person("alice").id, "bob")
    with connection.cursor() as cursor:
        cursor.execute("SHOW pg_trgm.word_similarity_threshold")
        assert cursor.fetchone() == ("0.6",)


MANY = """
INSERT INTO accounts_user (id, username, name, about, password, locale, time_zone, version,
  stream_rev, is_active, is_staff, is_superuser, date_joined)
SELECT gen_random_uuid(), 'user' || n, md5(n::text) || ' ' || md5((-n)::text), '', '!', 'en', 'UTC',
  1, 0, true, false, false, now()
FROM generate_series(1, 20000) AS n
"""


def test_a_search_among_many_people_uses_the_index(alice):
    with connection.cursor() as cursor:
        cursor.execute(MANY)
        cursor.execute("SELECT gin_clean_pending_list('user_search_name')")
        cursor.execute("ANALYZE accounts_user")
        cursor.execute(people.THRESHOLD)
        cursor.execute(
            "EXPLAIN " + people.FIND,
            {
                "asker": alice.id,
                "words": "charlotte",
                "shortest": 2,
                "rank": 3000,
                "username": "",
                "limit": 21,
            },
        )
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert "Bitmap Index Scan on user_search_name" in plan
    assert "Scan on accounts_user person" not in plan.replace("Bitmap Heap Scan", "")


def test_get_person_respects_blocks(alice, bob, dana):
    assert get_person(alice.id, bob.id).username == "bob"
    contacts.block(bob.id, alice.id)
    contacts.block(alice.id, dana.id)
    assert get_person(alice.id, dana.id).username == "dana"
    with pytest.raises(NotFound):
        get_person(alice.id, bob.id)
    deactivate(dana.id)
    with pytest.raises(NotFound):
        get_person(alice.id, dana.id)


@pytest.mark.parametrize(
    ("name", "asked"),
    [
        ("山田太郎", ("太郎", "山田太郎", "田太")),
        ("山田 太郎", ("太郎", "山田")),
        ("やまだ タロウ", ("ﾀﾛｳ", "まだ")),
        ("สมชาย ใจดี", ("ชาย", "ใจดี")),
        ("מֹשֶׁה לוי", ("משה", "לוי")),
        ("أَحْمَد", ("احمد", "أحمد")),
        ("Ｍａｒａ李小龙", ("mara", "小龙", "李小")),
    ],
)
def test_any_part_of_a_name_without_spaces_and_other_spellings_are_found(alice, name, asked):
    person("x1", name=name)
    for words in asked:
        assert names(alice, words) == ["x1"], words


def test_letters_in_another_order_or_apart_are_another_name(alice):
    person("x1", name="山田太郎")
    assert names(alice, "郎太") == names(alice, "山太") == []
