"""What a browser keeps of the client itself, to start it without the server."""

from functools import cache
from pathlib import Path

from django.conf import settings

from apps.core.minify_js import served_script
from apps.core.stylesheets import parts, sheet_name

# The two halves of the service worker: classic scripts, each closed in itself, sent as one.
WORKER = ("notifications/worker/shell.js", "notifications/worker/pushes.js")
PICTURES = ("icon.svg", "vendor/phosphor/sprite.svg", "notifications/icons/icon-192.png")
FONT = "vendor/atkinson/latin-normal.woff2"


@cache
def shell_files() -> list[str]:
    """Static names of all that the client needs to start and to open what it has: every module,
    its style sheet, one font, the icons. Other files are kept when they are first used."""
    folder = _folder()
    scripts = sorted(str(file.relative_to(folder)) for file in folder.rglob("*.js"))
    sheets = parts("app") if settings.DEBUG else [sheet_name("app")]
    return [*(name for name in scripts if name not in WORKER), *sheets, FONT, *PICTURES]


@cache
def worker_program() -> str:
    """The service worker without its facts."""
    folder = _folder()
    return "\n".join(served_script(name, (folder / name).read_text("utf-8")) for name in WORKER)


def _folder() -> Path:
    return Path(settings.STATICFILES_DIRS[0])
