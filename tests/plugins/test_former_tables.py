"""What plugins that are not loaded any more store about people whose accounts are deleted."""

import pytest
from django.db import connection

from apps.integrations.actions import erasure
from apps.integrations.plugins import former_tables
from apps.plugins.polls.models import Poll, Vote

TABLES = """
CREATE TABLE weather_place (id int PRIMARY KEY, user_id uuid, name text);
CREATE TABLE weather_share (id int PRIMARY KEY, note text,
    giver uuid NOT NULL REFERENCES accounts_user, approved_by uuid REFERENCES accounts_user);
CREATE TABLE weather_station (id int PRIMARY KEY, user_id uuid);
CREATE TABLE weather_reading (station int REFERENCES weather_station DEFERRABLE INITIALLY DEFERRED);
CREATE TABLE weatherman_note (user_id uuid);
INSERT INTO django_migrations (app, name, applied) VALUES
    ('weather', '0001_initial', now() - interval '2 days'), ('newer', '0001_initial', now());
CREATE TABLE newer_note (user_id uuid);
"""
ROWS = """
INSERT INTO weather_place VALUES (1, %(alice)s, 'Bonn'), (2, %(bob)s, 'Mainz'), (3, %(alice)s, '');
INSERT INTO weather_share VALUES (1, 'x', %(alice)s, NULL), (2, 'y', %(bob)s, %(alice)s);
INSERT INTO weatherman_note VALUES (%(alice)s);
INSERT INTO newer_note VALUES (%(alice)s);
"""


@pytest.fixture
def weather(alice, bob):
    """The tables of a plugin that was switched off, with rows of two people."""
    with connection.cursor() as cursor:
        cursor.execute(TABLES)
        cursor.execute(ROWS, {"alice": str(alice.id), "bob": str(bob.id)})


def rows_of(table):
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {table}")
        return cursor.fetchone()[0]


def test_rows_of_a_plugin_that_is_switched_off_go_with_the_account(alice, weather):
    poll = Poll.objects.create(chat_id=alice.id, seq=1)
    Vote.objects.create(poll=poll, user_id=alice.id, option=0)
    assert erasure.erase(alice.id)["rows of plugins"] == 4
    assert erasure.erase(alice.id)["rows of plugins"] == 0
    assert (rows_of("weather_place"), rows_of("weather_share")) == (1, 1)
    # Of a plugin that is switched on, of a table of somebody else, and of a later release.
    assert rows_of("newer_note") == 1
    assert Vote.objects.filter(user_id=alice.id).exists()
    assert rows_of("weatherman_note") == 1


def test_they_are_deleted_in_parts(alice, weather, monkeypatch):
    monkeypatch.setattr(former_tables, "MAX_ROWS", 1)
    assert [former_tables.erase(alice.id) for _ in range(3)] == [3, 1, 0]


def test_rows_that_others_need_stay_and_do_not_keep_the_account(alice, weather, caplog):
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO weather_station VALUES (1, %s)", [str(alice.id)])
        cursor.execute("INSERT INTO weather_reading VALUES (1)")
    assert former_tables.erase(alice.id) == 4
    assert rows_of("weather_station") == 1
    assert "weather_station" in caplog.text
