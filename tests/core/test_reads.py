"""Several reads in one round trip."""

import psycopg
import pytest
from django.db import DataError, NotSupportedError, connection, transaction

from apps.accounts.models import User
from apps.core.reads import Read, complete_rows, read, read_models, repeated_if_stale, result_of
from tests.support.people import person
from tests.support.servers import stores
from tests.support.statements import traffic

DIVIDE = "SELECT 1 / %s::int"


def first(rows):
    return rows[0][0]


@pytest.mark.django_db(transaction=True)
def test_reads_leave_in_one_round_trip_and_are_prepared():
    reads = [Read("SELECT %s::int + 1", [n], first) for n in range(3)]
    with traffic() as sent:
        read(*reads)
    assert [each.result for each in reads] == [1, 2, 3]
    assert (sent.statements, sent.round_trips) == (3, 1)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE '%$1::int%'"
        )
        assert cursor.fetchone()[0] == 1


@pytest.mark.django_db(transaction=True)
def test_a_read_that_fails_fails_those_with_it_as_an_error_of_django():
    with pytest.raises(DataError):
        read(Read("SELECT 1", (), first), Read(DIVIDE, [0], first))
    # The connection can be used again.
    assert result_of(Read(DIVIDE, [1], first)) == 1


@pytest.fixture
def scratch():
    """A table with one row, whose column is altered."""
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE scratch AS SELECT 1 AS n")
    yield
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE scratch")


def alter(kind):
    with psycopg.connect(stores()["DATABASE_URL"], autocommit=True) as other:
        other.execute(f"ALTER TABLE scratch ALTER COLUMN n TYPE {kind}")


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("scratch")
def test_a_read_survives_a_column_whose_type_has_changed():
    def whole():
        return Read("SELECT * FROM scratch", (), first)

    assert result_of(whole()) == 1
    alter("text")
    assert result_of(whole()) == "1"
    assert result_of(whole()) == "1"
    # In a transaction it fails, and the next one succeeds.
    alter("bigint USING n::bigint")
    with pytest.raises(NotSupportedError), transaction.atomic():
        result_of(whole())
    with transaction.atomic():
        assert result_of(whole()) == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("scratch")
def test_reads_in_a_transaction_are_repeated_after_a_column_has_changed():
    @repeated_if_stale
    def whole():
        with transaction.atomic():
            return result_of(Read("SELECT * FROM scratch", (), first))

    assert whole() == 1
    alter("text")
    assert whole() == "1"
    assert whole() == "1"
    alter("bigint USING n::bigint")
    with pytest.raises(NotSupportedError), transaction.atomic():
        whole()
    assert whole() == 1


def test_what_was_not_read_has_no_result():
    with pytest.raises(RuntimeError):
        _ = Read("SELECT 1", (), first).result


@pytest.mark.django_db
def test_models_are_read_as_the_orm_reads_them():
    alice = person("alice")
    [found] = result_of(read_models(User, "WHERE id = ANY(%s)", [[alice.id]], list))
    stored = User.objects.get(id=alice.id)
    assert found == stored
    values = {field.attname: getattr(found, field.attname) for field in User._meta.concrete_fields}
    assert values == {name: getattr(stored, name) for name in values}


def test_a_key_that_the_limit_cut_off_is_left_out():
    rows = [("alice", 2, "a"), ("alice", 2, "b"), ("bob", None, None), ("charlie", 2, "a")]
    assert complete_rows(rows) == {"alice": [["a"], ["b"]], "bob": []}
