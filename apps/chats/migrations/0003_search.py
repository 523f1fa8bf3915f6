import django.contrib.postgres.indexes
import django.contrib.postgres.search
from django.db import migrations, models

# A text as words with spaces between them: folded, punctuation and symbols gone, and each letter of
# scripts that write no spaces (Thai, Lao, Burmese, Khmer, Chinese, Japanese) a word of its own, so
# that looking for several of them in a row finds them anywhere. Both are named letter by letter:
# what the parser of to_tsvector takes for a letter depends on the locale of the database, and
# ASCII punctuation inside addresses, paths, numbers and tags makes it keep them whole.
LETTERS = (
    r"\u0e01-\u0e3a\u0e40-\u0e4e\u0e50-\u0e59\u0e80-\u0eff\u1000-\u1049\u1050-\u109d\u1780-\u17d3"
    r"\u17d7\u17dc-\u17ff\u2e80-\u2fdf\u3005-\u3007\u3021-\u302f\u3031-\u303c\u3041-\u309f"
    r"\u30a1-\u30fa\u30fc-\u312f\u31a0-\u31ff\u3400-\ua48f\uf900-\ufaff\U00020000-\U0003ffff"
)
BETWEEN = (
    r"!-/:-@[-`{-\u00a9\u00ab-\u00b1\u00b4\u00b6-\u00b8\u00bb\u00bf\u00d7\u00f7\u02c2-\u02c5"
    r"\u02d2-\u02df\u037e\u0387\u055a-\u055f\u0589\u058a\u05be\u05c0\u05c3\u05c6\u05f3\u05f4"
    r"\u0609-\u060d\u061b-\u061f\u066a-\u066d\u06d4\u0964\u0965\u0970\u0e3f\u0e4f\u0e5a\u0e5b"
    r"\u104a-\u104f\u1360-\u1368\u17d4-\u17d6\u17d8-\u17db\u1800-\u180e\u2000-\u2bff\u2e00-\u2e7f"
    r"\u3000-\u3004\u3008-\u3020\u3030\u303d-\u303f\u30a0\u30fb\ufe00-\ufe1f\ufe30-\ufe6f"
    r"\ufeff-\uff0f\uff1a-\uff20\uff3b-\uff40\uff5b-\uff65\uffe0-\uffff"
    r"\U0001f000-\U0001faff\U000e0000-\U000e01ef"
)
WORDS = rf"""
CREATE FUNCTION parley_words(words text) RETURNS text
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN regexp_replace(public.parley_fold(words), '([{LETTERS}])|[{BETWEEN}]+', ' \1 ', 'g');
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
        migrations.CreateModel(
            name='Indexed',
            fields=[
                ('chat_id', models.UUIDField(primary_key=True, serialize=False)),
                ('rev', models.BigIntegerField()),
            ],
        ),
        migrations.CreateModel(
            name='Searchable',
            fields=[
                ('pk', models.CompositePrimaryKey('chat_id', 'seq', blank=True, editable=False, primary_key=True, serialize=False)),
                ('chat_id', models.UUIDField()),
                ('seq', models.BigIntegerField()),
                ('sender_id', models.UUIDField()),
                ('created_at', models.DateTimeField()),
                ('search', django.contrib.postgres.search.SearchVectorField()),
            ],
            options={
                'indexes': [django.contrib.postgres.indexes.GinIndex(fields=['search'], gin_pending_list_limit=1024, name='message_search')],
            },
        ),
        migrations.RunSQL(
            FORM, "DROP FUNCTION parley_has_form(tsvector, text, text, regdictionary)"
        ),
    ]
