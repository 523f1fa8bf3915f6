"""The files that a browser caches to start the client offline, and the service worker."""

from functools import cache
from pathlib import Path

from django.conf import settings

from apps.core.join_modules import joined
from apps.core.minify_js import served_script
from apps.core.stylesheets import parts, sheet_name

# The parts of the service worker: classic scripts, each with its own scope, sent as one file.
WORKER = (
    "notifications/worker/shell.js",
    "notifications/worker/pushes.js",
    "notifications/worker/share.js",
)
IMAGES = ("icon.svg", "vendor/phosphor/sprite.svg", "notifications/icons/icon-192.png")
FONTS = ("vendor/atkinson/latin-normal.woff2", "vendor/atkinson/latin-italic.woff2")


@cache
def shell_files() -> list[str]:
    """Static names of the files that the client needs to start and to show what it has stored:
    all scripts, its style sheet, two fonts, the icons. Other files are cached on first use."""
    sheets = parts("app") if settings.DEBUG else [sheet_name("app")]
    return [*_scripts(), *sheets, *FONTS, *IMAGES]


def _scripts() -> list[str]:
    if table := joined():
        return table.app
    folder = _folder()
    found = sorted(str(file.relative_to(folder)) for file in folder.rglob("*.js"))
    return [name for name in found if name not in WORKER]


@cache
def worker_program() -> str:
    """The source of the service worker, without the values that `views.service_worker` adds."""
    folder = _folder()
    return "\n".join(served_script(name, (folder / name).read_text("utf-8")) for name in WORKER)


def _folder() -> Path:
    return Path(settings.STATICFILES_DIRS[0])
