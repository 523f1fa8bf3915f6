from django.db import migrations

# A text as words with spaces between them: folded, punctuation gone, and each letter of scripts
# that write no spaces (Thai, Lao, Burmese, Khmer, Chinese, Japanese) a word of its own, so that
# looking for several of them in a row finds them anywhere.
# What is between the first bracket pair is such a letter; the second is ASCII punctuation, which
# the parser of to_tsvector would take for parts of addresses, paths, numbers and tags.
WORDS = r"""
CREATE FUNCTION parley_words(words text) RETURNS text
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN regexp_replace(public.parley_fold(words), '([\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff'
        || '\u2e80-\u312f\u31a0-\ua4cf\uf900-\ufaff\U00020000-\U0003ffff])|[!-/:-@[-`{-~]+',
        ' \1 ', 'g');
"""
# The words of a message, and marks that narrow a search down inside the index. No word begins with
# "=". A 256th of the chats, a 4096th of the senders, and the week, counted from 1970.
LEXEMES = r"""
CREATE FUNCTION parley_lexemes(chat uuid, sender uuid, at timestamptz, words text) RETURNS tsvector
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN to_tsvector('pg_catalog.simple'::regconfig, public.parley_words(words))
        || array_to_tsvector(ARRAY[
            '=c' || right(chat::text, 2),
            '=s' || right(sender::text, 3),
            '=w' || floor(extract(epoch FROM at) / 604800)::bigint::text
        ]
        || CASE WHEN words ~* 'https?://[^\s]' THEN ARRAY['=link'] ELSE '{}' END
        || CASE WHEN words ~ '`[^`]+`' THEN ARRAY['=code'] ELSE '{}' END);
"""
# The column is not part of the model: what reads a message shall not fetch it.
COLUMN = """
ALTER TABLE chats_message ADD COLUMN search tsvector GENERATED ALWAYS AS (
    CASE WHEN kind = 'text' AND deleted_at IS NULL
    THEN parley_lexemes(chat_id, sender_id, created_at, text) END) STORED
"""
# chats.gateways.search.postgres: which messages hold these words. New entries wait in a list that
# every search reads through, so it is kept short.
INDEX = """
CREATE INDEX message_search ON chats_message USING gin (search) WITH (gin_pending_list_limit = 1024)
"""
# Whether any word begins with `beginning` and has that stem.
FORM = """
CREATE FUNCTION parley_has_form(search tsvector, beginning text, stem text, dictionary regdictionary)
    RETURNS boolean LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN EXISTS (
        SELECT FROM unnest(search) AS word
        WHERE starts_with(word.lexeme, beginning)
            AND (ts_lexize(dictionary, word.lexeme))[1] = stem);
"""


class Migration(migrations.Migration):

    dependencies = [
        ('chats', '0002_groups'),
        ('accounts', '0001_initial'),
    ]

    operations = [
        migrations.RunSQL(WORDS, "DROP FUNCTION parley_words(text)"),
        migrations.RunSQL(
            LEXEMES, "DROP FUNCTION parley_lexemes(uuid, uuid, timestamptz, text)"
        ),
        migrations.RunSQL(COLUMN, "ALTER TABLE chats_message DROP COLUMN search"),
        migrations.RunSQL(INDEX, "DROP INDEX message_search"),
        migrations.RunSQL(
            FORM, "DROP FUNCTION parley_has_form(tsvector, text, text, regdictionary)"
        ),
    ]
