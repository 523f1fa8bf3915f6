-- A database of a million people, filled by bench.product.million, which puts values in place of
-- :people and so on. Foreign keys are not checked: ids are made from numbers, so each refers to a row
-- that is there.
SET session_replication_role = replica;
SET synchronous_commit = off;
SET statement_timeout = 0;
SET maintenance_work_mem = '512MB';

-- The n-th of `amount` moments of a year, the last one now.
CREATE FUNCTION pg_temp.moment(n bigint, amount bigint) RETURNS timestamptz LANGUAGE sql STABLE
AS $$ SELECT :now - interval '365 days' * (1 - n::float8 / amount) $$;
-- An id like those of apps.core.identifiers: ordered by time, and the same for the same number.
CREATE FUNCTION pg_temp.id_of(kind text, n bigint, amount bigint) RETURNS uuid LANGUAGE sql STABLE
AS $$ SELECT (lpad(to_hex((extract(epoch FROM pg_temp.moment(n, amount)) * 1000)::bigint), 12, '0')
    || '7' || substr(md5(kind || n), 1, 3) || 'a' || substr(md5(kind || n), 5, 15))::uuid $$;
CREATE FUNCTION pg_temp.person(n bigint) RETURNS uuid LANGUAGE sql STABLE
AS $$ SELECT pg_temp.id_of('person', n, :people) $$;
CREATE FUNCTION pg_temp.chat(n bigint) RETURNS uuid LANGUAGE sql STABLE
AS $$ SELECT pg_temp.id_of('chat', n, :chats) $$;

-- First names are distributed as words are: every eighth person has the most frequent one.
INSERT INTO accounts_user (id, username, name, password, is_superuser, is_staff, is_active, email,
    locale, time_zone, version, stream_rev, date_joined, about)
SELECT pg_temp.person(n), 'user' || n,
    'name' || floor(power(500, random()))::int || ' family' || n % 20011, '!', false,
    n % 5000 = 0, n % 100 <> 1, 'user' || n || '@example.org', 'en', 'UTC', 1, 0,
    pg_temp.moment(n, :people), ''
FROM generate_series(1, :people) AS n;
INSERT INTO accounts_session (session_key, session_data, expire_date, user_id)
SELECT md5('session' || n), repeat('x', 200), :now + interval '14 days', pg_temp.person(n)
FROM generate_series(1, :people) AS n;
INSERT INTO sso_identity (user_id, issuer, subject, created_at)
SELECT pg_temp.person(n), 'https://id.example.org', md5('subject' || n), pg_temp.moment(n, :people)
FROM generate_series(1, :people) AS n;
INSERT INTO scim_directoryentry (id, user_id, user_name, external_id, attributes, created_at,
    changed_at)
SELECT pg_temp.id_of('entry', n, :people), pg_temp.person(n), 'User' || n || '@example.org',
    md5('external' || n), '{}', pg_temp.moment(n, :people), :now
FROM generate_series(1, :people) AS n;

-- Four direct chats to each group of ten, each of neighbours, so no pair is there twice.
INSERT INTO chats_chat (id, kind, title, last_seq, rev, active_at, created_at, low, high)
SELECT pg_temp.chat(n), CASE WHEN n % 5 = 0 THEN 'group' ELSE 'direct' END,
    CASE WHEN n % 5 = 0 THEN 'group ' || n ELSE '' END, 10, 10, :now, pg_temp.moment(n, :chats),
    CASE WHEN n % 5 <> 0 THEN pg_temp.person(n) END,
    CASE WHEN n % 5 <> 0 THEN pg_temp.person(n + 1) END
FROM generate_series(1, :chats) AS n;
INSERT INTO chats_member (chat_id, user_id, role, joined_at, read_seq, delivered_seq, rev,
    person_rev, pinned, archived, muted, marked_unread)
SELECT pg_temp.chat(n), pg_temp.person(n + each), 'member', :now, 0, 0, 1, 1, false, false, false,
    false
FROM generate_series(1, :chats) AS n,
    LATERAL generate_series(0, CASE WHEN n % 5 = 0 THEN 9 ELSE 1 END) AS each
WHERE n + each <= :people;
INSERT INTO chats_message (chat_id, seq, rev, id, kind, sender_id, client_id, text, created_at)
SELECT pg_temp.chat(n), seq, seq, gen_random_uuid(), 'text', pg_temp.person(n + seq % 2),
    gen_random_uuid(), 'Some words of about the length of a message, number ' || seq, :now
FROM generate_series(1, :chats) AS n, generate_series(1, :messages / :chats) AS seq;
INSERT INTO chats_invitelink (id, chat_id, secret_hash, made_by_id, made_at, expires_at, uses)
SELECT pg_temp.id_of('link', n, :chats), pg_temp.chat(n), md5(n::text) || md5('link' || n),
    pg_temp.person(n), :now, :now + interval '7 days', 0
FROM generate_series(5, :chats, 5) AS n;
INSERT INTO files_file (id, owner_id, client_id, name, size, received, state, uses, created_at,
    expires_at)
SELECT pg_temp.id_of('file', n, :people), pg_temp.person(n), gen_random_uuid(),
    'picture ' || n || '.jpg', 100000, 100000, CASE WHEN n % 1000 = 0 THEN 'failed' ELSE 'ready' END,
    1, pg_temp.moment(n, :people), :now
FROM generate_series(1, :people) AS n;
INSERT INTO files_blob (id, owner_id, sha256, as_file, stored, content, created_at)
SELECT pg_temp.id_of('blob', n, :people), pg_temp.person(n), md5('b' || n) || md5('c' || n), false,
    100000 + n % 977, '{"kind": "image", "type": "image/jpeg", "variants": []}',
    pg_temp.moment(n, :people)
FROM generate_series(1, :people) AS n;
INSERT INTO files_storageuse (owner_id, bytes, contents)
SELECT owner_id, stored, 1 FROM files_blob;
INSERT INTO files_storagecount (id, counted_at, totals, counting)
SELECT 1, :now, jsonb_build_object('image', jsonb_build_array(count(*), sum(stored))), '{}'
FROM files_blob;
INSERT INTO chats_messageday (day, sent, counter)
SELECT (:now - n * interval '1 day')::date, 100000 + n, 0 FROM generate_series(0, 400) AS n;

-- One report in a hundred waits.
INSERT INTO moderation_report (id, reporter_id, kind, subject, person_id, reason, severity, text,
    shown, state, outcome, answer, created_at, claimed_by_id, decided_by_id, decided_at, emptied_at)
SELECT pg_temp.id_of('report', n, :reports), pg_temp.person(n), 'person',
    'person:' || pg_temp.person(n + 1), pg_temp.person(n + 1),
    (ARRAY['spam', 'harassment', 'hate', 'other'])[1 + n % 4], 1 + n % 3, '', '{}',
    CASE WHEN n % 100 <> 0 THEN 'decided' WHEN n % 300 = 0 THEN 'claimed' ELSE 'open' END, '', '',
    pg_temp.moment(n, :reports), CASE WHEN n % 300 = 0 THEN :staff END, NULL,
    CASE WHEN n % 100 <> 0 THEN :now END, CASE WHEN n % 100 <> 0 THEN :now END
FROM generate_series(1, :reports) AS n;
INSERT INTO accounts_suspension (user_id, until, reason, by_id, by_administrator, at)
SELECT pg_temp.person(n), CASE WHEN n % 2 = 0 THEN :now + interval '30 days' END, 'Spam',
    :staff, false, pg_temp.moment(n, :people)
FROM generate_series(1, :people, 10) AS n;
INSERT INTO moderation_appeal (user_id, suspended_at, text, at)
SELECT user_id, at, 'It was not me', :now FROM accounts_suspension WHERE until IS NULL;
INSERT INTO accounts_personwarning (id, user_id, text, by_id, at)
SELECT pg_temp.id_of('warning', n, :people), pg_temp.person(n), 'Please be kind', :staff,
    pg_temp.moment(n, :people)
FROM generate_series(1, :people, 3) AS n;
INSERT INTO accounts_slowdown (user_id, interval_s, until, reason, by_id, at)
SELECT pg_temp.person(n), 60, :now + interval '1 day' * (n % 40 - 36), 'Flood', :staff,
    pg_temp.moment(n, :people)
FROM generate_series(1, :people, 3) AS n;
INSERT INTO moderation_readrequest (id, chat_id, since, until, from_seq, to_seq, reason, text, hours,
    state, asked_by_id, asked_at, over_at, decided_at)
SELECT pg_temp.id_of('request', n, :people), pg_temp.chat(n), :now, :now, 1, 10, 'abuse',
    'Threats', 1, CASE WHEN n % 1000 = 0 THEN 'waiting' ELSE 'ended' END, pg_temp.person(n),
    pg_temp.moment(n, :people), :now, :now
FROM generate_series(1, :people, 20) AS n WHERE n <= :chats;
INSERT INTO moderation_auditrecord (number, at, action, door, by, person, chat, reason, details,
    previous, hash)
SELECT n, pg_temp.moment(n, :people), 'warn', (ARRAY['admin', 'api', 'admin', 'admin'])[1 + n % 4],
    :staff, pg_temp.person(n), CASE WHEN n <= :chats THEN pg_temp.chat(n) END, 'Spam', '{}',
    md5('h' || n - 1) || md5('i' || n - 1), md5('h' || n) || md5('i' || n)
FROM generate_series(1, :people) AS n;

INSERT INTO accounts_ending (id, user_id, way, account, connected_as, begun_at)
SELECT pg_temp.id_of('ending', n, :people), pg_temp.person(n),
    CASE WHEN n % 1000 = 0 THEN 'suspension' ELSE 'sign_out' END, n % 1000 = 0, '{}',
    pg_temp.moment(n, :people)
FROM generate_series(1, :people) AS n;
INSERT INTO accounts_endedaccess (ending_id, kind, process, count, over_at)
SELECT pg_temp.id_of('ending', n, :people), kind, '', 1, pg_temp.moment(n, :people)
FROM generate_series(1, :people) AS n, unnest(ARRAY['sessions', 'push subscriptions']) AS kind;
INSERT INTO accounts_registrationinvite (id, secret_hash, administrator, made_by_id, made_at,
    expires_at, used_by_id, used_at)
SELECT pg_temp.id_of('invite', n, :people), md5('j' || n) || md5('k' || n), false, :staff,
    pg_temp.moment(n, :people), :now + interval '1 day' * (n % 9 - 4),
    CASE WHEN n % 3 = 0 THEN pg_temp.person(n) END,
    CASE WHEN n % 3 = 0 THEN pg_temp.moment(n, :people) END
FROM generate_series(1, :people, 5) AS n;
INSERT INTO accounts_deletion (user_id, asked_at, due_at, attempt)
SELECT pg_temp.person(n), :now, :now + interval '3 days', 0
FROM generate_series(1, :people, 1000) AS n;
INSERT INTO moderation_contentrule (kind, pattern, effect, made_by_id, made_at)
SELECT 'words', 'bad words ' || n, 'refuse', :staff, :now FROM generate_series(1, 1000) AS n;

-- The pushes of a week: the ledger forgets older ones.
INSERT INTO notifications_push (id, user_id, chat_id, state, reason, first_seq, last_seq, open, late,
    due_at, newest_due_at, created_at)
SELECT pg_temp.id_of('push', n, :pushes), pg_temp.person(1 + n % :people),
    pg_temp.chat(1 + n % :chats),
    CASE WHEN n % 1000 = 0 THEN 'failed' WHEN n % 3 = 0 THEN 'skipped' ELSE 'sent' END,
    CASE WHEN n % 3 = 0 THEN 'chat is muted' ELSE 'any message' END, n, n, false, n % 100 = 0,
    at, at, at
FROM generate_series(1, :pushes) AS n,
    LATERAL (SELECT :now - interval '7 days' * (1 - n::float8 / :pushes) AS at) AS moment;
INSERT INTO notifications_delivery (id, push_id, device, host, kind, state, due_at, created_at,
    attempt)
SELECT pg_temp.id_of('delivery', n, :pushes), pg_temp.id_of('push', n, :pushes), 'Phone',
    'push.example.org', 'show', CASE WHEN n % 500 = 0 THEN 'parked' ELSE 'sent' END, at, at, 1
FROM generate_series(1, :pushes) AS n,
    LATERAL (SELECT :now - interval '7 days' * (1 - n::float8 / :pushes) AS at) AS moment;
