"""The audit log: append-only, and every kind of tampering is found."""

import json
from contextlib import contextmanager
from functools import partial
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, ProgrammingError, connection, transaction

from apps.core.identifiers import new_id
from apps.moderation import audit_chain
from apps.moderation.actions import audit
from apps.moderation.actions.audit import About, By, Door
from apps.moderation.models import AuditRecord
from apps.moderation.queries.audit import verify
from tests.support.threads import together

PROGRAM = By(None, Door.WORKER)


def write(amount=5, *, start=1):
    """Records of nothing in particular. Returns the hashes."""
    hashes = []
    for number in range(start, start + amount):
        with transaction.atomic():
            row = audit.record(
                "warn",
                by=By(new_id(), Door.ADMIN),
                about=About(person=new_id(), chat=new_id(), seq=number, report=new_id()),
                reason=f"Reason {number}: “ü” 🎉",
                details={"b": [1, None], "a": "ä"},
            )
        hashes.append(row.hash)
    return hashes


@contextmanager
def trigger_disabled():
    """As somebody with all rights in the database."""
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        try:
            yield cursor
        finally:
            cursor.execute("SET session_replication_role = origin")


def faults(**given):
    return verify(**given).faults


def test_an_untouched_log_has_no_faults(db):
    assert verify().records == 0
    hashes = write()
    found = verify(expected=hashes[2])
    assert (found.records, found.number, found.hash, found.faults) == (5, 5, hashes[-1], [])
    assert AuditRecord.objects.get(number=1).previous == audit_chain.BEGINNING


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE moderation_auditrecord SET reason = 'other'",
        "UPDATE moderation_auditrecord SET reason = 'other' WHERE number = 99",
        "DELETE FROM moderation_auditrecord WHERE number = 3",
        "TRUNCATE moderation_auditrecord",
    ],
)
def test_the_database_refuses_to_change_or_delete_records(db, statement):
    write()
    with (
        pytest.raises(ProgrammingError, match="append-only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)
    assert verify().records == 5


CHANGES = {
    "at": "at + interval '1 second'",
    "action": "'ban'",
    "door": "'api'",
    "by": "NULL",
    "person": "gen_random_uuid()",
    "chat": "gen_random_uuid()",
    "seq": "seq + 1",
    "report": "gen_random_uuid()",
    "reason": "'other'",
    "details": "'{}'",
    "previous": "repeat('0', 64)",
    "hash": "repeat('0', 64)",
    "number": "number + 100",
}


def test_every_column_is_covered():
    assert set(CHANGES) == {field.name for field in AuditRecord._meta.concrete_fields}


@pytest.mark.parametrize("column", CHANGES)
def test_a_change_of_any_column_is_found(db, column):
    write()
    with trigger_disabled() as cursor:
        cursor.execute(
            f"UPDATE moderation_auditrecord SET {column} = {CHANGES[column]} WHERE number = 3"
        )
    assert any(" 3" in fault or " 103" in fault or " 4 " in fault for fault in faults()), faults()


def test_a_missing_record_is_found(db):
    write()
    with trigger_disabled() as cursor:
        cursor.execute("DELETE FROM moderation_auditrecord WHERE number = 3")
    assert "Record 4 follows 2" in faults()[0]


def test_a_gap_that_is_closed_by_renumbering_is_found(db):
    write()
    with trigger_disabled() as cursor:
        cursor.execute("DELETE FROM moderation_auditrecord WHERE number = 3")
        cursor.execute("UPDATE moderation_auditrecord SET number = 3 WHERE number = 4")
        cursor.execute("UPDATE moderation_auditrecord SET number = 4 WHERE number = 5")
    assert any("Record 3 does not continue" in fault for fault in faults())


def test_reordered_records_are_found(db):
    write()
    with trigger_disabled() as cursor:
        for before, after in ((2, 99), (3, 2), (99, 3)):
            cursor.execute(
                "UPDATE moderation_auditrecord SET number = %s WHERE number = %s", [after, before]
            )
    assert any("Record 2 does not continue" in fault for fault in faults())


def test_an_inserted_record_is_found(db):
    write()
    row = AuditRecord.objects.get(number=5)
    row.number = 6
    row.hash = audit_chain.hash_of(vars(row))
    row.save(force_insert=True)
    assert faults() == ["Record 6 does not continue the record before it."]


def test_a_record_between_two_others_is_found_although_all_are_renumbered(db):
    write()
    with trigger_disabled() as cursor:
        cursor.execute("UPDATE moderation_auditrecord SET number = -number WHERE number > 2")
        cursor.execute("UPDATE moderation_auditrecord SET number = 1 - number WHERE number < 0")
    row = AuditRecord.objects.get(number=2)
    row.number, row.previous, row.reason = 3, row.hash, "Never written"
    row.hash = audit_chain.hash_of(vars(row))
    row.save(force_insert=True)
    assert "Record 4 does not continue the record before it." in faults()


def test_a_record_before_the_first_is_found(db):
    write()
    row = AuditRecord.objects.get(number=1)
    row.number = 0
    row.hash = audit_chain.hash_of(vars(row))
    row.save(force_insert=True)
    assert any("Record 0" in fault or "Record 1 does not" in fault for fault in faults())


def test_records_that_exchanged_their_contents_are_found(db):
    write()
    with trigger_disabled() as cursor:
        cursor.execute(
            "UPDATE moderation_auditrecord AS one SET reason = other.reason, person = other.person"
            " FROM moderation_auditrecord AS other"
            " WHERE (one.number, other.number) IN ((2, 4), (4, 2))"
        )
    found = " ".join(faults())
    assert "ecord 2" in found
    assert "ecord 4" in found


def test_the_same_record_twice_is_refused_by_the_database_or_found(db):
    write()
    twice = AuditRecord.objects.get(number=3)
    twice.number = 6
    with pytest.raises(IntegrityError), transaction.atomic():
        twice.save(force_insert=True)  # the same hash
    twice.hash = "0" * 64
    twice.save(force_insert=True)
    assert any("ecord 6" in fault for fault in faults())


def test_an_end_that_was_written_again_is_found_with_a_hash_kept_elsewhere(db):
    kept = write()[-1]
    with trigger_disabled() as cursor:
        cursor.execute("DELETE FROM moderation_auditrecord WHERE number > 3")
    write(2)
    assert verify().number == 5
    assert faults() == [], "as many records, each after the one before it"
    assert kept in faults(expected=kept)[0]


def test_a_removed_beginning_is_found(db):
    write()
    with trigger_disabled() as cursor:
        cursor.execute("DELETE FROM moderation_auditrecord WHERE number < 3")
    assert "Record 3 follows 0" in faults()[0]


@pytest.mark.parametrize("left", [3, 0])
def test_a_cut_end_is_found_with_a_hash_kept_elsewhere_and_only_with_it(db, left):
    kept = write()[-1]
    assert faults(expected=kept) == []
    with trigger_disabled() as cursor:
        cursor.execute("DELETE FROM moderation_auditrecord WHERE number > %s", [left])
    assert faults() == [], "a shorter chain is a chain"
    assert kept in faults(expected=kept)[0]


def test_a_chain_that_was_computed_anew_is_found_with_a_hash_kept_elsewhere(db):
    kept = write()[-1]
    with trigger_disabled():
        previous = audit_chain.BEGINNING
        for row in AuditRecord.objects.order_by("number"):
            row.previous, row.reason = previous, "What I would like it to be"
            row.hash = previous = audit_chain.hash_of(vars(row))
            row.save(force_update=True)
    assert faults() == [], "nothing in the database tells the two apart"
    assert kept in faults(expected=kept)[0]


def test_a_record_needs_the_transaction_of_its_change(transactional_db):
    with pytest.raises(transaction.TransactionManagementError):
        audit.record("warn", by=PROGRAM, about=About())


def test_a_change_that_fails_leaves_no_record_and_no_gap(db):
    write(2)

    def fail():
        with transaction.atomic():
            audit.record("warn", by=PROGRAM, about=About())
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    write(2)
    assert (verify().records, faults()) == (4, [])


def test_records_of_many_threads_are_one_chain(transactional_db):
    # One record each: a call that is refused on a busy machine is made again.
    together(*[partial(write, 1)] * 12)
    assert (verify().records, faults()) == (12, [])


def output(*args, **options):
    out = StringIO()
    call_command("audit", *args, stdout=out, **options)
    return out.getvalue()


def test_the_command_prints_the_last_hash_and_fails_when_something_is_wrong(db):
    kept = write()[-1]
    assert output("verify").strip() == f"5 records, no fault. Last: 5 {kept}"
    assert json.loads(output("verify", "--json")) == {
        "records": 5,
        "last": 5,
        "hash": kept,
        "faults": [],
    }
    output("verify", "--expect", kept)
    with trigger_disabled() as cursor:
        cursor.execute("DELETE FROM moderation_auditrecord WHERE number = 5")
    output("verify")
    with pytest.raises(CommandError, match="the end was cut"):
        output("verify", "--expect", kept)


def test_the_chain_of_an_export_can_be_checked_without_the_database(db):
    hashes = write()
    lines = [json.loads(line) for line in output("export").splitlines()]
    assert [line["hash"] for line in lines] == hashes
    for line in lines:
        assert audit_chain.hash_of(line) == line["hash"]
    assert lines[0]["details"] == '{"a": "ä", "b": [1, null]}'


def test_each_record_of_an_export_is_one_line(db):
    reason = "one\u2028two\x85three\x1efour\r\nfive 🎉"
    with transaction.atomic():
        audit.record("warn", by=PROGRAM, about=About(), reason=reason)
    [line] = output("export").splitlines()
    assert json.loads(line)["reason"] == reason
    assert audit_chain.hash_of(json.loads(line)) == json.loads(line)["hash"]
