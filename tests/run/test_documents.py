"""Documents name only settings, make targets and files that exist."""

import re

import pytest

from chatproject.run.data_dir import CHECKOUT

TARGETS = set(re.findall(r"^([a-z]+):", (CHECKOUT / "Makefile").read_text(), re.MULTILINE))
DOCUMENTS = [
    *("README.md", "SECURITY.md", "CHANGELOG.md"),
    *sorted(str(page.relative_to(CHECKOUT)) for page in (CHECKOUT / "docs").rglob("*.md")),
]


def read(name: str) -> str:
    """A document's text."""
    return (CHECKOUT / name).read_text()


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_make_target_in_a_document_exists(document):
    named = set(
        re.findall(r"(?:`|^    |/bin/)make (?:-\w+ )*([a-z]+)", read(document), re.MULTILINE)
    )
    assert named <= TARGETS


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_relative_link_in_a_document_has_a_target(document):
    folder = (CHECKOUT / document).parent
    links = re.findall(r"(?:\]\(|src=\")(?!https?:)([^)#\"\s]+)", read(document))
    assert [link for link in links if not (folder / link).exists()] == []


def test_pictures_are_used_and_small():
    pictures = list((CHECKOUT / "docs" / "pictures").iterdir())
    first = re.findall(r'src="docs/pictures/([^"]+)"', read("README.md"))
    assert first == ["chat.webp", "chat-dark.webp", "phone.webp"]
    shown = read("README.md") + read("docs/using.md")
    assert [picture.name for picture in pictures if f"pictures/{picture.name}" not in shown] == []
    assert 0 < sum(picture.stat().st_size for picture in pictures) < 800_000


def test_continuous_integration_runs_the_test_command_of_the_readme():
    assert "\n    make test\n" in read("README.md")
    assert read(".ci/run").rstrip().endswith("exec make test")
