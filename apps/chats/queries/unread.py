"""What counts as unread, in SQL: for lists, their filters and notifications (decision 0080).

A message counts from when it is sent until it is read or deleted, and so does the acceptance of an
invitation, which the inviter waits for. Entries that nobody wrote (joined, renamed, a call) do not
count, nor do own messages: sending moves the sender's read position past them. Entries that do
not count are rare, so they are read, and those that count are not: a chat with 100,000 unread
messages costs as much as one with two.

static/realtime/both/unread.js is the same in the browser; both are tested with the same table.
"""

# If there are more entries that do not count, the older ones of them are counted as unread.
MAX_UNCOUNTED = 500
MAX_MENTIONED = 100
# A mention of the reader is looked for among so many of the newest messages that mention anybody,
# and their keywords among as many of those that contain anybody's.
MAX_MENTIONING = 1_000

# Whether an entry counts; `{0}` is the message.
COUNTS = "{0}.kind IN ('text', 'accepted') AND {0}.deleted_at IS NULL"
# The seqs of what does not count after the read position, newest first, of the chat `c` and its
# member `my`. Index message_uncounted.
UNCOUNTED = f"""CASE WHEN c.last_seq > my.read_seq THEN ARRAY(
        SELECT x.seq FROM chats_message x
        WHERE x.chat_id = c.id AND x.seq > my.read_seq
            AND (x.kind NOT IN ('text', 'accepted') OR x.deleted_at IS NOT NULL)
        ORDER BY x.seq DESC LIMIT {MAX_UNCOUNTED}) ELSE '{{}}' END"""  # noqa: S608  constants only
_OF_UNREAD = """FROM chats_message x
            WHERE x.chat_id = c.id AND x.seq > my.read_seq AND x.deleted_at IS NULL"""
# As `UNCOUNTED`, of the unread messages that mention the reader or contain one of their keywords.
# Indexes message_mentions and message_keywords.
MENTIONED = f"""CASE WHEN c.last_seq > my.read_seq THEN ARRAY(
        SELECT y.seq FROM (
            SELECT x.seq, x.mentions, x.mentions_all {_OF_UNREAD}
                AND (x.mentions IS NOT NULL OR x.mentions_all)
            ORDER BY x.seq DESC LIMIT {MAX_MENTIONING}) y
        WHERE y.mentions_all OR my.user_id = ANY (y.mentions)
        UNION SELECT k.seq FROM (
            SELECT x.seq, x.keyword_of {_OF_UNREAD} AND x.keyword_of IS NOT NULL
            ORDER BY x.seq DESC LIMIT {MAX_MENTIONING}) k
        WHERE my.user_id = ANY (k.keyword_of)
        ORDER BY seq DESC LIMIT {MAX_MENTIONED}) ELSE '{{}}' END"""  # noqa: S608  constants only
# Whether the chat `c` is unread for its member `my`.
IS_UNREAD = f"(my.marked_unread OR c.last_seq - my.read_seq > cardinality({UNCOUNTED}))"
IS_MENTIONED = f"(cardinality({MENTIONED}) > 0)"
