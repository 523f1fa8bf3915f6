"""The words of the browser modules of the plugins that come with Parley."""

import json
from ast import literal_eval

import pytest

from chatproject.run.data_dir import CHECKOUT
from tests.support.catalogues import IN_SCRIPT

FOLDERS = sorted(CHECKOUT.glob("apps/plugins/*/static/*"))


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_each_text_has_its_german_and_there_is_no_other(folder):
    texts = IN_SCRIPT.findall((folder / "entry.js").read_text())
    used = {literal_eval(one): kind == "tn" for kind, one, _ in texts}
    german = json.loads((folder / "words" / "de.json").read_text())
    assert {text: isinstance(found, list) for text, found in german.items()} == used
