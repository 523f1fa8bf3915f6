"""Translations: complete, compiled, and in each person's language."""

import gettext
import json
import re
from pathlib import Path

import allauth
import pytest
from django.conf import settings

from apps.accounts.library_texts import OVERRIDDEN_TEXTS
from apps.accounts.models import User
from chatproject.run.data_dir import CHECKOUT
from tests.support import catalogues
from tests.support.catalogues import Word
from tests.support.people import PASSWORD, signed_in

LANGUAGES = [code for code, _ in settings.LANGUAGES if code != settings.LANGUAGE_CODE]
SAID = {"django": catalogues.of_pages, "djangojs": catalogues.of_scripts}
PLACEHOLDER = re.compile(r"%\(\w+\)s|\{\w*\}")
PROFILE = "/settings/profile"
# Ways to say it that people do not search for, in place of "Notifications", "Save", "Revoke",
# "Create", "Unsubscribe", "Unarchive", "Undo", and of "no longer valid".
UNUSUAL = re.compile(
    r"whoever|told of|tell (me|you) of|names me|take (it )?back$|cannot take it back|no more of"
    r"|^make (a|an|the|new) |^what reaches|the pin away|kept messages|as everywhere|door|shall"
    r"|^get no more|bring back from|for everybody$|leads nowhere|\(any more\)|in touch",
    re.IGNORECASE,
)
# What plain English does without; this file alone has it.
NOT_PLAIN = re.compile(r"\b(whoever|anew|nobody else|for ever|of whom|in vain)\b", re.IGNORECASE)
# Labels that people search for, with those that they replaced.
LABELS = {
    "Notifications": ("What you are told of", "What reaches you"),
    "Notify me about": ("Tell me of", "Tell me of:"),
    "All messages": ("Everything",),
    "Mentions only": ("Only what names me",),
    "Nothing": (),
    "Default": ("As everywhere",),
    "Why was I (not) notified?": ("Was I told of it?",),
    "Save": ("Keep for me", "Save the hours"),
    "Saved messages": ("Kept messages",),
    "Remove from saved": ("No longer keep",),
    "Unpin for everyone": ("Take the pin away",),
    "Edit history": ("What it said before",),
    "Scheduled messages": ("Sent later",),
    "Schedule": ("Send then",),
    "Create account": ("Make an account",),
    "Create group": ("Make the group",),
    "Create link": ("Make a link",),
    "You created the group": ("You made the group",),
    "Revoke": ("Take back",),
    "Remove {name}": ("Leave {name} out",),
    "Contact requests": ("Want to be in touch with you",),
    "Message": ("Begin",),
    "Unmute": ("Turn it on again",),
    "Appearance": ("Look", "Look, on this device", "Look and language"),
    "Sign-in and security": ("Your door",),
    "You have no access to this page": ("This door is closed to you",),
    "This invite link is no longer valid": ("This link leads nowhere",),
}
UNUSUAL_GERMAN = re.compile(r"gemerkt|verwalter\b|Übernehmen$|keine mehr bekommen")


def path(language: str, name: str) -> Path:
    """A file of a language's catalogues."""
    return Path(settings.LOCALE_PATHS[0], language, "LC_MESSAGES", name)


def placeholders(text: str) -> list[str]:
    return sorted(PLACEHOLDER.findall(text))


@pytest.mark.parametrize("domain", SAID)
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_is_translated_with_the_same_placeholders(language, domain):
    said, known = SAID[domain](), catalogues.read(path(language, f"{domain}.po"))
    assert len(said) > 100
    assert said - set(known) == set(), "run `make words`"
    for (one, many), forms in known.items():
        assert all(forms), one
        assert len(forms) == (2 if many else 1)
        assert placeholders(forms[-1]) == placeholders(many or one), one
        assert placeholders(forms[0]) in (placeholders(one), placeholders(many)), one
        # Quotation marks are the language's own, and full stops stand where English has them.
        assert ("“" in one) == ("„" in forms[0]), one
        assert (one[-1] == ".") == (forms[0][-1] == "."), one


def test_texts_use_the_words_that_people_search_for():
    said = catalogues.of_pages() | catalogues.of_scripts()
    assert sorted(word.one for word in said if UNUSUAL.search(word.one)) == []
    labels = {word.one for word in said}
    assert [label for label in LABELS if label not in labels] == []
    assert sorted(labels & {old for replaced in LABELS.values() for old in replaced}) == []
    german = [forms for one in SAID for forms in catalogues.read(path("de", f"{one}.po")).values()]
    assert [forms for forms in german if UNUSUAL_GERMAN.search(forms[0])] == []


def test_prose_is_plain():
    folders = ("apps", "chatproject", "deploy", "docs", "static", "templates", "tests")
    files = [path for folder in folders for path in (CHECKOUT / folder).rglob("*.*")]
    kinds = {".css", ".html", ".js", ".md", ".po", ".py", ".yaml", ".yml"}
    prose = [path for path in files if path.suffix in kinds and "vendor" not in path.parts]
    assert len(prose) > 2000
    found = [path for path in prose if path.is_file() and NOT_PLAIN.search(path.read_text("utf-8"))]
    assert found == [Path(__file__)]


def test_the_client_translates_only_literal_texts():
    loose = re.compile(r"(?<![\w$.#])(?<!function )tn?\((?!['\"])")
    assert [file.name for file, script in catalogues.scripts() if loose.search(script)] == []
    plural = {word.one for word in catalogues.of_scripts() if word.many}
    assert plural & {word.one for word in catalogues.of_scripts() if not word.many} == set()


@pytest.mark.parametrize("language", LANGUAGES)
def test_compiled_catalogues_match_their_sources(language):
    with path(language, "django.mo").open("rb") as file:
        compiled = gettext.GNUTranslations(file)
    for (one, many), forms in catalogues.read(path(language, "django.po")).items():
        said = (
            [compiled.ngettext(one, many, n) for n in (1, 2)] if many else [compiled.gettext(one)]
        )
        assert said == forms, "run `make words`"
    file = Path(settings.STATICFILES_DIRS[0], "words", f"{language}.json")
    kept = catalogues.read(path(language, "djangojs.po"))
    wanted = {word.one: forms if word.many else forms[0] for word, forms in kept.items()}
    assert json.loads(file.read_text())["catalog"] == wanted, "run `make words`"


def test_pages_before_sign_in_are_in_the_browsers_language(client, db):
    german = client.get("/accounts/login/", headers={"Accept-Language": "de-AT,en;q=0.5"})
    page = german.content.decode()
    assert '<html lang="de" dir="ltr" data-words="/static/' in page
    assert "Melde dich an, um mit deinen Leuten zu reden." in page
    assert german["Content-Language"] == "de"
    assert "Accept-Language" in german["Vary"]
    other = client.get("/accounts/login/", headers={"Accept-Language": "tlh"}).content.decode()
    assert '<html lang="en" dir="ltr" ' in other
    assert "data-words" not in other
    assert "Sign in to talk with your people." in other


def test_a_new_account_gets_the_language_of_the_browser(client, db):
    given = {"username": "jana", "password1": PASSWORD}
    client.post("/accounts/signup/", given, headers={"Accept-Language": "de"})
    assert User.objects.get().locale == "de"


def test_the_profile_decides_the_language_after_sign_in(alice):
    client = signed_in(alice)
    english = client.get("/", headers={"Accept-Language": "de"}).content.decode()
    assert '<html lang="en"' in english
    assert 'as="fetch"' not in english
    form = client.get(PROFILE).context["form"]
    given = {field.html_name: field.value() or "" for field in form} | {"locale": "de"}
    saved = client.post(PROFILE, given, follow=True).content.decode()
    assert '<html lang="de"' in saved
    assert "Gespeichert." in saved
    german = client.get("/").content.decode()
    address = re.search(r'data-words="([^"]+)"', german)
    assert address
    assert f'<link rel="preload" as="fetch" href="{address[1]}" crossorigin>' in german
    worker = client.get("/service-worker.js").content.decode()
    assert address[1] in worker
    refused = client.post(PROFILE, {**given, "version": "2", "username": "-"}).content.decode()
    assert "Nimm 1 bis 32 Zeichen" in refused


def test_mails_from_allauth_use_the_informal_german_of_the_pages(client, alice, mailoutbox):
    given, german = {"email": "nobody@example.org"}, {"Accept-Language": "de"}
    client.post("/accounts/password/reset/", given, headers=german)
    assert "Wenn du es warst" in mailoutbox[0].body
    assert "Sie " not in mailoutbox[0].body


@pytest.mark.parametrize("text", OVERRIDDEN_TEXTS)
def test_overridden_texts_of_allauth_still_exist(text):
    theirs = Path(allauth.__file__).parent / "locale"
    with Path(theirs, "de", "LC_MESSAGES", "django.mo").open("rb") as file:
        assert gettext.GNUTranslations(file).gettext(text) != text


def test_the_api_is_english_whatever_the_persons_language(alice):
    User.objects.filter(id=alice.id).update(locale="de")
    client = signed_in(alice)
    asked = {"content_type": "application/json", "headers": {"Accept-Language": "de"}}
    answer = client.patch("/api/v1/me", {"username": "-", "version": 1}, **asked)
    assert answer.status_code == 400
    assert answer.json()["detail"].startswith("Use 1 to 32")


def test_the_catalogue_reader_parses_multiline_and_plural_entries(tmp_path):
    file = tmp_path / "some.po"
    file.write_text(
        'msgid ""\nmsgstr "Language: xx\\n"\n\n#, python-format\nmsgid ""\n"a "\n"\\"b\\""\n'
        'msgstr "c"\n\nmsgid "n"\nmsgid_plural "ns"\nmsgstr[0] "1"\nmsgstr[1] ""\n'
    )
    assert catalogues.read(file) == {Word('a "b"'): ["c"], Word("n", "ns"): ["1", ""]}
