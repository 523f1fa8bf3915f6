"""The check of new migrations: which SQL it refuses."""

import pytest

from tests.support.migration_lint import faults

NEW = 'CREATE TABLE "chats_new" ("id" uuid NOT NULL PRIMARY KEY);'


@pytest.mark.parametrize(
    ("sql", "said"),
    [
        ('DROP TABLE "chats_saved" CASCADE;', "reads this table"),
        ('ALTER TABLE "chats_chat" DROP COLUMN "title" CASCADE;', "reads this column"),
        ('ALTER TABLE "chats_chat" RENAME COLUMN "title" TO "name";', "former name"),
        ('ALTER TABLE "chats_chat" RENAME TO "chats_room";', "former name"),
        ('ALTER TABLE "chats_chat" ALTER COLUMN "title" TYPE text;', "rewritten"),
        ('ALTER TABLE "chats_chat" ALTER COLUMN "title" SET NOT NULL;', "may write NULL"),
        ('ALTER TABLE "chats_chat" ADD COLUMN "x" integer NOT NULL;', "give it a db_default"),
        ('ALTER TABLE "chats_chat" ALTER COLUMN "x" DROP DEFAULT;', "give it a db_default"),
        ('CREATE INDEX "x" ON "chats_message" ("sender_id");', "AddIndexOnline"),
        ('CREATE UNIQUE INDEX "x" ON "chats_member" ("user_id");', "AddIndexOnline"),
        ('ALTER TABLE "chats_message" ADD CONSTRAINT "x" CHECK (seq > 0);', "NOT VALID"),
        (
            'ALTER TABLE "chats_message" ADD COLUMN "x" int GENERATED ALWAYS AS (seq) STORED;',
            "rewritten",
        ),
        ('ALTER TABLE "chats_message" ADD COLUMN "x" uuid DEFAULT (gen_random_uuid());', "parts"),
        ('ALTER TABLE "chats_message" ADD COLUMN "x" integer NULL UNIQUE;', "unique index"),
        ('REINDEX INDEX "chats_message";', "CONCURRENTLY"),
        ('LOCK TABLE "chats_message" IN EXCLUSIVE MODE;', "read or write"),
        ('UPDATE "chats_message" SET "seq" = 0;', "in parts"),
        # A table that nobody has thought of counts as large.
        ('CREATE INDEX "x" ON "polls_vote" ("person_id");', "AddIndexOnline"),
    ],
)
def test_what_the_release_before_does_not_survive_is_refused(sql, said):
    [fault] = faults([sql])
    assert said in fault


@pytest.mark.parametrize(
    "sql",
    [
        NEW,
        'ALTER TABLE "chats_chat" ADD COLUMN "x" integer NULL;',
        'ALTER TABLE "chats_chat" ADD COLUMN "x" integer DEFAULT 0 NOT NULL;',
        'ALTER TABLE "chats_chat" ADD COLUMN "x" timestamptz DEFAULT (now()) NOT NULL;',
        'UPDATE "moderation_report" SET "state" = 0;',
        'CREATE INDEX CONCURRENTLY "x" ON "chats_message" ("sender_id");',
        'CREATE INDEX "x" ON "moderation_report" ("state");',
        'ALTER TABLE "chats_message" ADD CONSTRAINT "x" CHECK (seq > 0) NOT VALID;',
        'ALTER TABLE "chats_message" VALIDATE CONSTRAINT "x";',
        "-- Raw Python operation: DROP TABLE",
    ],
)
def test_what_only_adds_passes(sql):
    assert list(faults([sql])) == []


def test_tables_that_the_migration_makes_itself_are_free():
    assert list(faults([NEW, 'ALTER TABLE "chats_new" ADD COLUMN "x" integer NOT NULL;'])) == []


def test_a_constraint_is_validated_in_a_transaction_of_its_own():
    """Otherwise the lock of the first statement is held while the second reads the table."""
    both = [
        'ALTER TABLE "chats_message" ADD CONSTRAINT "x" CHECK (seq > 0) NOT VALID;',
        'ALTER TABLE "chats_message" VALIDATE CONSTRAINT "x";',
    ]
    [fault] = faults(both)
    assert "in a migration of its own" in fault
    assert list(faults(both, atomic=False)) == []
