r"""Words and names are found in other spellings, and parts of Chinese and Japanese names.

Changes `parley_fold`, then renews what was folded before: names at once, messages by setting their
chats' indexed revision back, so that the worker indexes them again as it does new ones. Reads both
tables in slices by their primary keys. Safe to run again.
"""

from django.db import migrations

# Letters of scripts that write no spaces, as in migration 0003.
UNSPACED = (
    r"\u0e01-\u0e3a\u0e40-\u0e4e\u0e50-\u0e59\u0e80-\u0eff\u1000-\u1049\u1050-\u109d\u1780-\u17d3"
    r"\u17d7\u17dc-\u17ff\u2e80-\u2fdf\u3005-\u3007\u3021-\u302f\u3031-\u303c\u3041-\u309f"
    r"\u30a1-\u30fa\u30fc-\u312f\u31a0-\u31ff\u3400-\ua48f\uf900-\ufaff\U00020000-\U0003ffff"
)
# Single jamo, voice marks of kana, presentation forms, half-width forms.
UNUSUAL = r"\u1100-\u11ff\u3099\u309a\ufb1d-\ufdff\ufe70-\ufefc\uff61-\uffdc"
# What combines with the letter before it, also once it is normalized, and scripts of which nobody
# writes thirty letters in a row.
COMBINING = (
    r"\u0300-\u036f\u0483-\u0487\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a"
    r"\u064b-\u065f\u0670\u06d6-\u06dc\u06df-\u06e4\u06e7\u06e8\u06ea-\u06ed\u0711\u0730-\u074a"
    r"\u07eb-\u07f3\u07fd\u0816-\u0819\u081b-\u0823\u0825-\u0827\u0829-\u082d\u0859-\u085b"
    r"\u0890-\u089f\u08ca-\u08e1\u08e3-\u08ff\u093c\u094d\u0951-\u0954\u09bc\u09cd\u09fe"
    r"\u0a3c-\u0a4d\u0abc\u0acd\u0b3c\u0b4d\u0bcd\u0c3c\u0c4d-\u0c56\u0cbc\u0ccd\u0d3b\u0d3c"
    r"\u0d4d\u0dca\u0e38-\u0e3a\u0e48-\u0e4b\u0eb8-\u0eba\u0ec8-\u0ecb\u0f18\u0f19\u0f35\u0f37"
    r"\u0f39\u0f71-\u0f84\u0f86\u0f87\u0fc6\u1037-\u103a\u108d\u135d-\u135f\u1714\u1715\u1734"
    r"\u17d2\u17dd\u18a9\u1939-\u193b\u1a17\u1a18\u1a60-\u1a7f\u1ab0-\u1aff\u1b34-\u1b44"
    r"\u1b6b-\u1b73\u1baa\u1bab\u1be6-\u1bf3\u1c37\u1cd0-\u1cd2\u1cd4-\u1ce8\u1ced\u1cf4"
    r"\u1cf8\u1cf9\u1dc0-\u1dff\u20d0-\u20f0\u2cef-\u2cf1\u2d7f\u2de0-\u2dff\u302a-\u302f"
    r"\u3099\u309a\ua66f\ua674-\ua67d\ua69e\ua69f\ua6f0\ua6f1\ua806\ua82c\ua8c4\ua8e0-\ua8f1"
    r"\ua92b-\ua92d\ua953\ua9b3-\ua9c0\uaab0\uaab2-\uaab4\uaab7\uaab8\uaabe\uaabf\uaac1\uaaf6"
    r"\uabed\ufb1e\ufe20-\ufe2f\uff9e\uff9f\U000101fd-\U00011fff\U00016ac0-\U00016fff\U0001bc9e"
    r"\U0001d165-\U0001d244\U0001e000-\U0001e94a"
)
# PostgreSQL sorts a row of them in quadratic time, and nothing interrupts that. Thirty of them stay,
# as in `nfc` of `apps/notifications/rules.py`.
LONG_ROW = f"([{COMBINING}]{{30}})[{COMBINING}]+"
SIGNS = (
    r"\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a\u0640\u064b-\u065f\u0670"
    r"\u06d6-\u06dc\u06df-\u06e4\u06e7\u06e8\u06ea-\u06ed"
)
ALEF = "\u0627"
ALEFS = "\u0622\u0623\u0625\u0671"
# Without vowel signs (Arabic, Hebrew) and the bar that stretches a word; the alef in one form;
# half-width Japanese and Korean, presentation forms and single jamo as they are usually written;
# then without case and accents. Text in ASCII, most of it, has none of these.
#
# In PL/pgSQL: a function in SQL that cannot be inlined, as with CASE, is planned again for each
# message inside of `parley_lexemes`.
FOLD = rf"""
CREATE OR REPLACE FUNCTION parley_fold(words text) RETURNS text
    LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
BEGIN
    IF octet_length(words) = char_length(words) THEN
        RETURN lower(words);
    END IF;
    IF words ~ '[{UNUSUAL}]' THEN
        words := normalize(translate(
            regexp_replace(words, '{LONG_ROW}', '\1', 'g'), U&'\2122\2120', '  '), NFKC);
    END IF;
    RETURN lower(public.unaccent('public.unaccent'::regdictionary, translate(
        regexp_replace(words, '[{SIGNS}]+', '', 'g'), '{ALEFS}', '{ALEF * 4}')));
END $$;
"""
# A name as it is searched by the beginnings of its words: each letter of a script without spaces is
# a word.
NAMES = rf"""
CREATE OR REPLACE FUNCTION parley_names(words text) RETURNS text
    LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
BEGIN
    words := public.parley_fold(words);
    IF octet_length(words) > char_length(words) THEN
        words := btrim(regexp_replace(
            regexp_replace(words, '([{UNSPACED}])', ' \1 ', 'g'), '  +', ' ', 'g'));
    END IF;
    RETURN words;
END $$;
CREATE OR REPLACE FUNCTION parley_person_fold(username varchar, name varchar) RETURNS text
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN public.parley_names(username || ' ' || name);
"""
SLICE = 5_000
FIRST_ID = "00000000-0000-0000-0000-000000000000"
# The generated column is computed again.
RENEW_NAMES = """
WITH slice AS (
    SELECT id, username, name, search_name FROM accounts_user WHERE id > %s ORDER BY id LIMIT %s
), renewed AS (
    UPDATE accounts_user u SET name = u.name FROM slice s
    WHERE u.id = s.id AND s.search_name <> parley_person_fold(s.username, s.name)
)
SELECT id FROM slice ORDER BY id DESC LIMIT 1
"""
AFFECTED = rf"[{UNUSUAL}{SIGNS}{ALEFS}]"
SET_BACK = """
WITH slice AS MATERIALIZED (
    SELECT chat_id, seq, rev, text, files FROM chats_message WHERE (chat_id, seq) > (%s, %s)
    ORDER BY chat_id, seq LIMIT %s
), affected AS (
    SELECT chat_id, min(rev) AS rev FROM slice
    WHERE octet_length(text) > char_length(text) AND text ~ %s OR files::text ~ %s
    GROUP BY chat_id
), locked AS (
    SELECT i.chat_id FROM chats_indexed i JOIN affected USING (chat_id)
    ORDER BY i.chat_id FOR UPDATE OF i
), set_back AS (
    UPDATE chats_indexed i SET rev = least(i.rev, a.rev - 1)
    FROM affected a JOIN locked USING (chat_id) WHERE i.chat_id = a.chat_id
)
SELECT chat_id, seq FROM slice ORDER BY chat_id DESC, seq DESC LIMIT 1
"""


def renew(apps, schema_editor):
    with schema_editor.connection.cursor() as cursor:
        last = (FIRST_ID,)
        while last is not None:
            cursor.execute(RENEW_NAMES, [*last, SLICE])
            last = cursor.fetchone()
        last = (FIRST_ID, 0)
        while last is not None:
            cursor.execute(SET_BACK, [*last, SLICE, AFFECTED, AFFECTED])
            last = cursor.fetchone()


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("chats", "0021_unread_indexes"),
        ("accounts", "0025_barred_emails_and_failed_exports"),
    ]

    operations = [
        migrations.RunSQL(FOLD, migrations.RunSQL.noop),
        migrations.RunSQL(NAMES, migrations.RunSQL.noop),
        migrations.RunPython(renew, migrations.RunPython.noop, elidable=True),
    ]
