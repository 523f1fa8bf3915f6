"""`manage.py words`: update the translation catalogues from the source."""

import gettext
import json
import subprocess
from argparse import SUPPRESS
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

from django.conf import settings
from django.core.management.base import CommandParser
from django.core.management.commands import makemessages

# Texts in tests and benchmarks are for developers; vendored files have translations of their own.
# The browser modules of plugins have words of their own.
IGNORED_FOLDERS = [
    *("bench", "docs", "node_modules", "apps/plugins/*/static", "static/vendor", "tests", "var"),
]
CREATION_DATE = "POT-Creation-Date"


class Command(makemessages.Command):
    """Needs GNU gettext. Running Parley does not: the compiled catalogues are committed."""

    help = "Collect what people read into the catalogues, and compile these."
    requires_system_checks: list[str] = []
    # A fuzzy match from a similar text would pass for a translation.
    msgmerge_options = [*makemessages.Command.msgmerge_options, "--no-fuzzy-matching"]
    xgettext_options = [*makemessages.Command.xgettext_options, "--keyword=t", "--keyword=tn:1,2"]

    def add_arguments(self, parser: CommandParser) -> None:
        """Hide makemessages' options: the command always updates all languages."""
        super().add_arguments(parser)
        for action in parser._actions:
            action.help = SUPPRESS

    def handle(self, *args: Any, **options: Any) -> None:
        """Update all catalogues; print the texts that are still untranslated."""
        for language, name in settings.LANGUAGES:
            if language == settings.LANGUAGE_CODE:
                continue
            for domain in ("django", "djangojs"):
                chosen = {
                    "locale": [language],
                    "domain": domain,
                    "ignore_patterns": IGNORED_FOLDERS,
                }
                kept = {"no_obsolete": True, "no_location": True, "verbosity": 0}
                super().handle(*args, **{**options, **chosen, **kept})
            folder = Path(settings.LOCALE_PATHS[0], language, "LC_MESSAGES")
            self._compile(folder / "django.po", folder / "django.mo")
            with NamedTemporaryFile(suffix=".mo") as compiled:
                self._compile(folder / "djangojs.po", Path(compiled.name))
                written = catalogue(Path(compiled.name))
            Path(settings.BASE_DIR, "static", "words", f"{language}.json").write_text(written)
            self.stdout.write(f"{name} is up to date.")

    def _compile(self, source: Path, target: Path) -> None:
        """Compile `source`. Raises for errors in it, prints untranslated texts."""
        lines = source.read_text(encoding="utf-8").splitlines(keepends=True)
        # The creation date would often be the only change.
        source.write_text(
            "".join(line for line in lines if CREATION_DATE not in line), encoding="utf-8"
        )
        subprocess.run(["msgfmt", "--check", "-o", target, source], check=True)
        waiting = ["msgattrib", "--untranslated", "--no-wrap", str(source)]
        missing = subprocess.run(waiting, check=True, capture_output=True, text=True).stdout
        if missing:
            _, entries = missing.split("\n\n", 1)
            self.stderr.write(f"{source} lacks:\n\n{entries}")


def catalogue(compiled: Path) -> str:
    """The browser client's translations as JSON, in the format of Django's catalogue: one text, or
    a list of plural forms."""
    with compiled.open("rb") as file:
        found: dict[Any, str] = gettext.GNUTranslations(file)._catalog  # type: ignore[attr-defined]
    words: dict[str, Any] = {key: text for key, text in found.items() if isinstance(key, str)}
    for (text, form), translated in sorted(item for item in found.items() if item[0] not in words):
        words.setdefault(text, []).insert(form, translated)
    del words[""]
    return json.dumps({"catalog": words}, ensure_ascii=False, indent=0, sort_keys=True) + "\n"
