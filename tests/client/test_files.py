"""Static files: number and size budgets, and integrity of vendored files."""

import gzip
import hashlib
import json
import re
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.staticfiles import finders
from django.template import Context, Template

from apps.core.join_modules import TABLE, Joined
from apps.core.release import static_release
from apps.core.stylesheets import SHEETS, parts
from apps.integrations.plugins.registry import plugins
from apps.notifications.shell import shell_files
from tests.support.static import collected_static

STATIC = Path(settings.BASE_DIR) / "static"
# Budgets of docs/client.md, in compressed kilobytes (1,000 bytes). Scripts: as they are joined.
FIRST_PAINT_FILES = 6
FIRST_PAINT_KB = 40
WORKER_FILES = 7
ALL_SCRIPTS_FILES = 20
# Decision 0063.
ALL_SCRIPTS_KB = 170
PDF_LIBRARY_KB = 540
APP, WORKER = "shell/app", "realtime/worker/shared-worker"
STYLES_KB = 16
FONTS_KB = 54
SPRITE_KB = 10


@pytest.fixture(autouse=True)
def nothing_collected(settings, tmp_path):
    """Pages name single modules here."""
    settings.STATIC_ROOT = tmp_path / "none"


def modules(entry: str) -> list[Path]:
    """The files that the preload tag lists for a module."""
    tag = Template(f'{{% load assets %}}{{% modulepreload "{entry}" %}}')
    links = re.findall(r'href="([^"]+)"', tag.render(Context()))
    return [STATIC / link.removeprefix(settings.STATIC_URL) for link in links]


def kilobytes(files: list[Path]) -> float:
    """Compressed size."""
    return sum(len(gzip.compress(file.read_bytes())) for file in files) / 1000


@pytest.fixture(scope="module")
def release() -> tuple[Path, Joined]:
    """A collected folder, and what its scripts are joined into."""
    collected = collected_static()
    others = [Path(plugin.path) / "static" for plugin in plugins()]
    folder = collected / static_release(STATIC, collected, others=others)
    return folder, Joined(**json.loads((folder / TABLE).read_text()))


def test_first_paint_needs_few_and_small_files(release):
    folder, table = release
    page, worker = (table.needed[f"{name}.js"] for name in (APP, WORKER))
    assert len(page) <= FIRST_PAINT_FILES
    assert kilobytes([folder / name for name in page]) <= FIRST_PAINT_KB
    assert len(worker) <= WORKER_FILES


def test_first_paint_needs_no_module_that_a_click_opens():
    needed = modules(f"{APP}.js")
    assert STATIC / "chats" / "timeline.js" in needed
    assert STATIC / "contacts" / "people.js" not in needed, "fetched when it is wanted"


def test_all_scripts_together_stay_small(release):
    folder, table = release
    assert FIRST_PAINT_FILES < len(table.app) <= ALL_SCRIPTS_FILES
    assert kilobytes([folder / name for name in table.app]) <= ALL_SCRIPTS_KB


def test_what_a_pdf_needs_is_loaded_with_the_first_one():
    library = list((STATIC / "vendor" / "pdfjs").glob("*.mjs"))
    assert len(library) == 2
    assert kilobytes(library) <= PDF_LIBRARY_KB
    ahead = (*shell_files(), *(str(file) for file in modules("shell/prefetch.js")))
    assert [name for name in ahead if "pdfjs" in name] == []


def test_styles_fonts_and_icons_stay_small():
    styles = b"\n".join((STATIC / part).read_bytes() for part in parts("app"))
    assert len(gzip.compress(styles)) / 1000 <= STYLES_KB
    atkinson = STATIC / "vendor" / "atkinson"
    always = [atkinson / "latin-normal.woff2", atkinson / "latin-ext-normal.woff2"]
    assert sum(font.stat().st_size for font in always) / 1000 <= FONTS_KB
    assert kilobytes([STATIC / "vendor" / "phosphor" / "sprite.svg"]) <= SPRITE_KB


def test_every_style_sheet_is_used():
    there = {str(file.relative_to(STATIC)) for file in (STATIC / "styles").rglob("*.css")}
    assert there == {part for sheet in SHEETS for part in parts(sheet)}


def test_vendored_files_match_their_checksums():
    vendor = STATIC / "vendor"
    listed = re.findall(r"^([0-9a-f]{64})  (\S+)$", (vendor / "README.md").read_text(), re.M)
    found = {
        str(file.relative_to(vendor)): hashlib.sha256(file.read_bytes()).hexdigest()
        for file in vendor.rglob("*")
        if file.is_file() and file.name != "README.md"
    }
    assert {name: digest for digest, name in listed} == found


def test_every_icon_name_is_in_the_sprite():
    sprite = (STATIC / "vendor" / "phosphor" / "sprite.svg").read_text()
    sources = [file.read_text() for file in STATIC.rglob("*.js") if "vendor" not in file.parts]
    used = {
        name for text in sources for name in re.findall(r"\b(?:icon|line)\('([a-z-]+)'", text)
    } | {name for text in sources for name in re.findall(r"picture: '([a-z-]+)'", text)}
    assert len(used) > 10
    assert {name for name in used if f'id="{name}"' not in sprite} == set()


def test_the_release_id_changes_with_every_file(tmp_path):
    static = tmp_path / "static"
    (static / "shell").mkdir(parents=True)
    file = static / "shell" / "app.js"
    file.write_text("one")
    first = static_release(static)
    assert static_release(static) == first
    (static / ".hidden").write_text("anything")
    assert static_release(static) == first
    file.write_text("two")
    assert static_release(static) != first
    file.write_text("one")
    assert static_release(static) == first
    other = tmp_path / "plugin" / "static" / "weather" / "entry.js"
    other.parent.mkdir(parents=True)
    other.write_text("one")
    assert static_release(static, others=[tmp_path / "plugin" / "static"]) != first
    file.rename(static / "shell" / "other.js")
    assert static_release(static) != first


def test_an_import_of_a_missing_module_raises(tmp_path, settings):
    (tmp_path / "broken.js").write_text("import { a } from './missing.js';")
    settings.STATICFILES_DIRS = [tmp_path]
    finders.get_finder.cache_clear()
    try:
        with pytest.raises(FileNotFoundError, match=r"missing\.js"):
            modules("broken.js")
    finally:
        finders.get_finder.cache_clear()
