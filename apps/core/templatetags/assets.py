"""What a page of the browser client says in its head about its modules and styles.

`{% modulepreload "shell/app.js" %}`: the browser fetches a module's whole tree at once.

Without it each level of imports costs a round trip before first paint. `{% release %}` names them.
`{% words %}` is the address of the client's words.
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

from apps.core.stylesheets import parts, sheet_name

register = template.Library()

# A static import or re-export; `import(...)` is left out on purpose: it is loaded when needed.
_IMPORT = re.compile(
    r"""(?:^|[;}\s])(?:import|export)\s*(?:[\w$*{][^'"();]*?\sfrom\s*|[{*][^'"();]*?from\s*)?"""
    r"""["'](\.{1,2}/[^"']+)["']"""
)
_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)


@register.simple_tag
def modulepreload(*entries: str) -> SafeString:
    """One `<link rel="modulepreload">` for each module that `entries` import, themselves included.

    An import of a file that does not exist raises `FileNotFoundError`: better here than as a
    blank page.
    """
    walk = _walk.__wrapped__ if settings.DEBUG else _walk
    return format_html_join(
        "\n", '<link rel="modulepreload" href="{}">', ((static(path),) for path in walk(entries))
    )


@register.simple_tag
def stylesheets(name: str) -> SafeString:
    """The style sheet of a kind of page: joined, or file by file while developing."""
    files = parts(name) if settings.DEBUG else [sheet_name(name)]
    return format_html_join(
        "\n", '<link rel="stylesheet" href="{}">', ((static(path),) for path in files)
    )


@register.simple_tag
def release() -> str:
    """The release of the static files that this page names."""
    return str(settings.STATIC_RELEASE)


@register.simple_tag
def words() -> str:
    """Where the client finds its words in the page's language; empty for its own, English."""
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
        raise FileNotFoundError(f"static module {path} is imported but is not there")
    source = _COMMENT.sub("", Path(file).read_text(encoding="utf-8"))
    return [normpath(join(dirname(path), target)) for target in _IMPORT.findall(source)]
