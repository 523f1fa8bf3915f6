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
