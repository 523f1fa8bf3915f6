"""Template tags for the scripts and styles of a page.

`{% modulepreload "shell/app.js" %}` has the browser fetch a module and all its imports at once;
without it, each level of imports costs a round trip before first paint. `{% stylesheets "app" %}`
links the styles, `{% release %}` is the release of the static files, `{% words %}` the URL of the
client's translations.
"""

import re
from functools import lru_cache
from pathlib import Path
from posixpath import dirname, join, normpath

from django import template
from django.conf import settings
from django.contrib.staticfiles import finders
from django.templatetags.static import static
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from apps.core.join_modules import joined
from apps.core.stylesheets import parts, sheet_name

register = template.Library()

# A static import or re-export. Dynamic `import(...)` is left out: it is loaded when needed.
_IMPORT = re.compile(
    r"""(?:^|[;}\s])(?:import|export)\s*(?:[\w$*{][^'"();]*?\sfrom\s*|[{*][^'"();]*?from\s*)?"""
    r"""["'](\.{1,2}/[^"']+)["']"""
)
_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)


@register.simple_tag
def modulepreload(*entries: str) -> SafeString:
    """One `<link rel="modulepreload">` for each of `entries` and all that they import.

    Raises FileNotFoundError for an import of a missing file, which would be a blank page.
    """
    if table := joined():
        files = tuple(dict.fromkeys(file for entry in entries for file in table.needed[entry]))
    else:
        files = _walk.__wrapped__(entries) if settings.DEBUG else _walk(entries)
    return format_html_join(
        "\n", '<link rel="modulepreload" href="{}">', ((static(file),) for file in files)
    )


@register.simple_tag
def stylesheets(name: str) -> SafeString:
    """Links to the style sheet of a kind of page; in development, to each of its files."""
    files = parts(name) if settings.DEBUG else [sheet_name(name)]
    return format_html_join(
        "\n", '<link rel="stylesheet" href="{}">', ((static(path),) for path in files)
    )


@register.simple_tag
def release() -> str:
    """The release of the static files that this page links to."""
    return str(settings.STATIC_RELEASE)


@register.simple_tag
def words() -> str:
    """The URL of the client's translations for the page's language; empty for English."""
    language = get_language()
    return "" if language == settings.LANGUAGE_CODE else static(f"words/{language}.json")


@lru_cache
def _walk(entries: tuple[str, ...]) -> tuple[str, ...]:
    found: dict[str, None] = {}
    waiting = list(entries)
    while waiting:
        path = waiting.pop(0)
        if path not in found:
            found[path] = None
            waiting.extend(_imports(path))
    return tuple(found)


def _imports(path: str) -> list[str]:
    file = finders.find(path)
    if not file:
        raise FileNotFoundError(f"static module {path} is imported but does not exist")
    source = _COMMENT.sub("", Path(file).read_text(encoding="utf-8"))
    return [normpath(join(dirname(path), target)) for target in _IMPORT.findall(source)]
