"""Documents name only settings, make targets and files that exist."""

import re

import pytest

from chatproject.environment import NAMES
from chatproject.run.data_dir import CHECKOUT

SETTINGS = {
    *NAMES,
    *re.findall(
        r'(?:number|env\.\w+)\(\s*"([A-Z_]+)"', (CHECKOUT / "chatproject/settings.py").read_text()
    ),
    *("HOST", "PORT", "WEB_WORKERS"),
}
TARGETS = set(re.findall(r"^([a-z]+):", (CHECKOUT / "Makefile").read_text(), re.MULTILINE))
DOCUMENTS = [
    *("README.md", "SECURITY.md", "CHANGELOG.md"),
    *sorted(str(page.relative_to(CHECKOUT)) for page in (CHECKOUT / "docs").rglob("*.md")),
]


def read(name: str) -> str:
    """A document's text."""
    return (CHECKOUT / name).read_text()


@pytest.mark.parametrize("name", sorted(SETTINGS))
def test_every_setting_is_told_of(name: str) -> None:
    assert re.search(rf"^\|.*`{name}`.*\|.*\|", read("docs/operate.md"), re.MULTILINE)


def test_no_setting_is_told_of_that_does_nothing() -> None:
    rows = read("docs/operate.md").split("## Settings")[1].split("##")[0]
    names = {
        name
        for row in re.findall(r"^\| (`[A-Z].*?) \|", rows, re.MULTILINE)
        for name in re.findall(r"`([A-Z_]+)`", row)
    }
    assert names == SETTINGS


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_make_target_in_a_document_exists(document: str) -> None:
    named = set(
        re.findall(r"(?:`|^    |/bin/)make (?:-\w+ )*([a-z]+)", read(document), re.MULTILINE)
    )
    assert named <= TARGETS


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_relative_link_in_a_document_has_a_target(document: str) -> None:
    folder = (CHECKOUT / document).parent
    links = re.findall(r"\]\((?!https?:)([^)#\s]+)", read(document))
    assert [link for link in links if not (folder / link).exists()] == []


def test_continuous_integration_runs_the_test_command_of_the_readme() -> None:
    assert "\n    make test\n" in read("README.md")
    assert read(".ci/run").rstrip().endswith("exec make test")
