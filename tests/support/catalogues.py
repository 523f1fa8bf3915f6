"""Finds translatable texts in the source without GNU gettext, and reads .po catalogues."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from django.utils.translation.template import templatize

from apps.core.minify_js import minify
from chatproject.run.data_dir import CHECKOUT

MARKS = {"gettext", "gettext_lazy", "gettext_noop", "ngettext", "ngettext_lazy"}
TEXT = r"""('(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*")"""
IN_SCRIPT = re.compile(rf"(?<![\w$.#])(tn?)\({TEXT}(?:,{TEXT})?")
IN_TEMPLATE = re.compile(rf"\bn?(?:_|gettext)\(u?{TEXT}(?:, *u?{TEXT})?")
LINE = re.compile(r'(?:(msgid|msgid_plural|msgstr(?:\[\d\])?) )?"(.*)"')


class Word(NamedTuple):
    """A translatable text, with its plural form if it has one."""

    one: str
    many: str = ""


def scripts() -> Iterator[tuple[Path, str]]:
    """Path and minified source of each module of the browser client."""
    static = CHECKOUT / "static"
    for path in sorted(static.rglob("*.js")):
        if "vendor" not in path.parts:
            yield path, minify(path.read_text(encoding="utf-8"))


def of_scripts() -> set[Word]:
    """The texts of every `t("…")` and `tn("one", "many", n)`."""
    return {
        Word(ast.literal_eval(one), ast.literal_eval(many) if kind == "tn" else "")
        for _, script in scripts()
        for kind, one, many in IN_SCRIPT.findall(script)
    }


def of_pages() -> set[Word]:
    """The texts that templates and Python code pass to gettext."""
    found: set[Word] = set()
    for path in (CHECKOUT / "templates").rglob("*.html"):
        calls = IN_TEMPLATE.findall(templatize(path.read_text(encoding="utf-8")))
        found |= {Word(*(ast.literal_eval(text) for text in call if text)) for call in calls}
    for folder in ("apps", "chatproject"):
        for path in (CHECKOUT / folder).rglob("*.py"):
            found |= set(_calls(ast.parse(path.read_text(encoding="utf-8"))))
    return found


def _calls(tree: ast.AST) -> Iterator[Word]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in MARKS:
            texts = [one.value for one in node.args if isinstance(one, ast.Constant)]
            if texts:  # otherwise a variable whose text is marked elsewhere
                yield Word(*texts)


def read(path: Path) -> dict[Word, list[str]]:
    """A catalogue's texts with their translations, one per plural form."""
    found = {}
    for entry in path.read_text(encoding="utf-8").split("\n\n"):
        parts: dict[str, str] = {}
        name = ""
        for line in entry.splitlines():
            if given := LINE.fullmatch(line):
                name = given[1] or name
                parts[name] = parts.get(name, "") + ast.literal_eval(f'"{given[2]}"')
        if parts.get("msgid"):
            assert ", fuzzy" not in entry, entry
            forms = [text for key, text in parts.items() if key.startswith("msgstr")]
            found[Word(parts["msgid"], parts.get("msgid_plural", ""))] = forms
    return found
