"""The search index: updates by the worker and by searches."""

import threading

import pytest
from django.db import connection

from apps.chats.actions.edits import delete_message, edit_message
from apps.chats.actions.messages import send_batch, validated_send
from apps.chats.actions.reactions import add_reaction
from apps.chats.gateways.search import indexer
from apps.chats.models import Chat, Indexed, Searchable
from apps.chats.tasks import index_messages
from apps.core.identifiers import new_id
from tests.chats.factories import write, write_many
from tests.chats.search.helpers import texts
from tests.support.locks import held
from tests.support.people import direct_chat, person
from tests.support.threads import together


def test_the_worker_indexes_every_chat(alice, bob, charlie, dana, chat):
    other = direct_chat(charlie, dana)
    write(alice, chat, "one")
    write(charlie, other, "two")
    index_messages()
    assert set(Searchable.objects.values_list("chat_id", "seq")) == {(chat, 1), (other, 1)}
    revs = dict(Chat.objects.values_list("id", "rev"))
    assert dict(Indexed.objects.values_list("chat_id", "rev")) == revs


def test_a_search_indexes_only_the_askers_chats(alice, bob, charlie, dana, chat):
    write(alice, chat, "one")
    write(charlie, direct_chat(charlie, dana), "two")
    assert texts(alice, "one") == ["one"]
    assert set(Searchable.objects.values_list("chat_id", flat=True)) == {chat}


def test_a_long_backlog_is_indexed_in_parts(alice, chat):
    write_many(alice, chat, 25)
    indexer.catch_up([chat], limit=10)
    assert Searchable.objects.count() == Indexed.objects.get().rev == 10
    indexer.catch_up([chat], limit=10)
    indexer.catch_up([chat], limit=10)
    assert Searchable.objects.count() == Indexed.objects.get().rev == 25


def test_deleted_messages_are_removed_from_the_index(alice, chat):
    write(alice, chat, "one")
    sent = write(alice, chat, "two")
    index_messages()
    delete_message(alice.id, chat, seq=sent.seq)
    index_messages()
    assert list(Searchable.objects.values_list("seq", flat=True)) == [1]


def test_words_are_derived_again_only_for_another_text(alice, bob, chat):
    first = write(alice, chat, "one")
    index_messages()
    Searchable.objects.update(search="mark")
    send_batch(
        [validated_send(sender=bob.id, chat=chat, client_id=new_id(), text="so", reply_to=1)]
    )
    add_reaction(bob.id, chat, seq=first.seq, emoji="👍")
    index_messages()
    assert Searchable.objects.get(seq=first.seq).search == "'mark'"
    assert Searchable.objects.count() == 2
    edit_message(alice.id, chat, seq=first.seq, text="two")
    index_messages()
    assert texts(bob, "two") == ["two"]


# Make PostgreSQL refuse a text, as if its words exceeded the size of a tsvector.
REFUSE = """
ALTER FUNCTION parley_lexemes(uuid, uuid, timestamptz, text) RENAME TO parley_lexemes_of;
CREATE FUNCTION parley_lexemes(chat uuid, sender uuid, at timestamptz, words text)
RETURNS tsvector LANGUAGE plpgsql AS $$
BEGIN
    IF words LIKE '%poison%' THEN
        RAISE EXCEPTION 'string is too long for tsvector' USING ERRCODE = '54000';
    END IF;
    RETURN parley_lexemes_of(chat, sender, at, words);
END $$
"""


# As if a text took longer than a statement may.
TIME_OUT = REFUSE.replace("54000", "57014")


def test_a_text_that_takes_too_long_is_skipped_and_the_others_are_found(alice, chat, caplog):
    with connection.cursor() as cursor:
        cursor.execute(TIME_OUT)
    write(alice, chat, "poison")
    write(alice, chat, "after")
    assert texts(alice, "after") == ["after"]
    assert Indexed.objects.get().rev == Chat.objects.get().rev
    assert [record.args[0] for record in caplog.records] == [[1]]


def test_a_refused_text_is_skipped_and_the_others_are_found(alice, charlie, dana, chat, caplog):
    with connection.cursor() as cursor:
        cursor.execute(REFUSE)
    other = direct_chat(charlie, dana)
    write_many(alice, chat, 20)
    was_good = write(alice, chat, "formerly good")
    index_messages()
    edit_message(alice.id, chat, seq=was_good.seq, text="now poison")
    write(alice, chat, "poison")
    write_many(alice, chat, 3)
    write(alice, chat, "after")
    write(charlie, other, "elsewhere")
    assert texts(alice, "after") == ["after"]
    index_messages()
    assert texts(charlie, "elsewhere") == ["elsewhere"]
    assert texts(alice, "formerly") == []
    revs = dict(Chat.objects.values_list("id", "rev"))
    assert dict(Indexed.objects.values_list("chat_id", "rev")) == revs
    assert [record.args[0] for record in caplog.records] == [[was_good.seq], [22]]
    edit_message(alice.id, chat, seq=22, text="harmless")
    assert texts(alice, "harmless") == ["harmless"]


@pytest.mark.django_db(transaction=True)
def test_concurrent_indexing_ends_with_the_last_text():
    alice, bob = person("alice"), person("bob")
    chat = direct_chat(alice, bob)
    sent = write(alice, chat, "text 0")
    stop = threading.Event()

    def keep_indexing():
        while not stop.is_set():
            indexer.catch_up([chat])
        connection.close()

    threads = [threading.Thread(target=keep_indexing) for _ in range(3)]
    for thread in threads:
        thread.start()
    for n in range(1, 60):
        edit_message(alice.id, chat, seq=sent.seq, text=f"text {n}")
    stop.set()
    for thread in threads:
        thread.join()
    indexer.catch_up([chat])
    assert texts(bob, "text") == texts(bob, "59") == ["text 59"]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("table", ["chats_indexed", "chats_linksindexed"])
def test_a_search_finds_what_is_indexed_while_its_chat_is_indexed_again(table):
    alice, bob = person("alice"), person("bob")
    chat = direct_chat(alice, bob)
    write(alice, chat, "first https://example.org/")
    assert texts(bob, "has:link") == ["first https://example.org/"]
    write(alice, chat, "second https://example.org/")
    with held(f"SELECT FROM {table} WHERE chat_id = %s FOR UPDATE", chat):
        assert texts(bob, "has:link") == ["first https://example.org/"]
    assert len(texts(bob, "has:link")) == 2


@pytest.mark.django_db(transaction=True)
def test_a_search_waits_for_no_chat_that_is_indexed_for_the_first_time():
    alice, bob = person("alice"), person("bob")
    chat = direct_chat(alice, bob)
    write(alice, chat, "words")
    entered: list[str] = []

    def search_meanwhile(execute, sql, values, many, context):
        if "tsvector" in sql and not entered:
            entered.append(sql)
            together(lambda: texts(bob, "words"))
        return execute(sql, values, many, context)

    with connection.execute_wrapper(search_meanwhile):
        indexer.catch_up([chat])
    assert entered
    assert texts(bob, "words") == ["words"]
