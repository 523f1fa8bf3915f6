"""`python -m tests.support.sbom [--check] [FILE]`: what the product consists of (CycloneDX 1.6).

The packages of the image and of `make run` with their versions, hashes and licences, and the files
in static/vendor. `--check` writes nothing, and fails when a licence is not among those we can keep.
"""

import argparse
import re
import sys
from collections.abc import Iterator
from importlib.metadata import PackageMetadata, metadata
from pathlib import Path

from cyclonedx.contrib.license.factories import LicenseFactory
from cyclonedx.model import HashAlgorithm, HashType
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.output.json import JsonV1Dot6
from packageurl import PackageURL

CHECKOUT = Path(__file__).resolve().parents[2]
LOCKED = re.compile(r"^(?P<name>[\w.-]+)(?:\[[^\]]*\])?==(?P<version>[^\s;\\]+)(?P<rest>(?:.*\n)(?:    --hash.*\n)*)", re.M)  # fmt: skip # noqa: E501
VENDORED = re.compile(r"^\| `[\w-]+` \| `(?P<name>[@\w/-]+)` \| (?P<version>\S+) \| (?P<licence>[^|;]+)", re.M)  # fmt: skip # noqa: E501
# What packages say in words, in the spelling of SPDX.
SPELLINGS = {
    "apache 2": "Apache-2.0",
    "apache 2.0": "Apache-2.0",
    "apache license 2.0": "Apache-2.0",
    "apache license, version 2.0": "Apache-2.0",
    "apache software license": "Apache-2.0",
    "bsd": "BSD-3-Clause",
    "3-clause bsd license": "BSD-3-Clause",
    "bsd license": "BSD-3-Clause",
    "new bsd": "BSD-3-Clause",
    "bsd 3-clause or apache-2.0": "BSD-3-Clause OR Apache-2.0",
    "mit license": "MIT",
    "mozilla public license 2.0 (mpl 2.0)": "MPL-2.0",
    "python software foundation license": "PSF-2.0",
    "the unlicense (unlicense)": "Unlicense",
    "gnu lesser general public license v3 (lgplv3)": "LGPL-3.0-only",
}
# People who use or pass on Parley may do so under these. LGPL and MPL: used as they are.
KEPT = {"0BSD", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "CNRI-Python", "ISC", "LGPL-3.0-only"}
KEPT |= {"MIT", "MIT-0", "MIT-CMU", "MPL-2.0", "OFL-1.1", "PSF-2.0", "TCL", "Unlicense", "ZPL-2.1"}
# Their metadata says less than their licence files.
KNOWN = {
    "automat": "MIT",
    "fido2": "BSD-2-Clause AND Apache-2.0 AND MPL-2.0",
    "pyrage": "MIT",
    "python-dateutil": "Apache-2.0 AND BSD-3-Clause",
    "qrcode": "BSD-3-Clause",
    "uvloop": "MIT OR Apache-2.0",
}


def licence_of(name: str, of: PackageMetadata) -> str:
    """The SPDX expression of a package's licence; its own words where they are not known."""
    if name in KNOWN:
        return KNOWN[name]
    if expression := of.get("License-Expression"):
        return str(expression)
    classifiers = of.get_all("Classifier") or []
    words = [each.rpartition(" :: ")[2] for each in classifiers if each.startswith("License ::")]
    stated = words[0] if words else str(of.get("License") or "none")
    return SPELLINGS.get(stated.lower(), stated)


def components() -> Iterator[tuple[Component, str]]:
    """Each part and its licence."""
    licences = LicenseFactory()
    locks = [CHECKOUT / f"requirements/{name}.txt" for name in ("base", "embedded")]
    text = "".join(lock.read_text(encoding="utf-8") for lock in locks)
    # A package that is in both has one version.
    packages = {found["name"]: found for found in LOCKED.finditer(text)}
    for name, found in sorted(packages.items()):
        version = found["version"]
        licence = licence_of(name, metadata(name))
        hashes = re.findall(r"--hash=sha256:(\w+)", found["rest"])
        yield (
            Component(
                name=name,
                version=version,
                purl=PackageURL("pypi", name=name, version=version),
                licenses=[licences.make_from_string(licence)],
                hashes=[HashType(alg=HashAlgorithm.SHA_256, content=one) for one in hashes],
            ),
            licence,
        )
    text = (CHECKOUT / "static/vendor/README.md").read_text(encoding="utf-8")
    for found in VENDORED.finditer(text):
        space, _, name = found["name"].rpartition("/")
        yield (
            Component(
                name=found["name"],
                version=found["version"],
                purl=PackageURL(
                    "npm", namespace=space or None, name=name, version=found["version"]
                ),
                licenses=[licences.make_from_string(found["licence"].strip())],
            ),
            found["licence"].strip(),
        )


def refused(licence: str) -> bool:
    """Whether an expression names a licence that is not in KEPT."""
    return not {one for one in re.split(r" (?:AND|OR) |[()]", licence) if one} <= KEPT


def main() -> int:
    """Returns 1 if a licence is refused."""
    parser = argparse.ArgumentParser(prog="python -m tests.support.sbom")
    parser.add_argument("--check", action="store_true")
    parser.add_argument("file", nargs="?", type=Path, default=CHECKOUT / "var/sbom.json")
    options = parser.parse_args()
    found = list(components())
    for component, licence in found:
        if refused(licence):
            print(f"{component.name} {component.version}: {licence} is not a licence in KEPT")
    if any(refused(licence) for _, licence in found):
        return 1
    if not options.check:
        bom = Bom(components=[component for component, _ in found])
        bom.metadata.component = Component(name="parley", type=ComponentType.APPLICATION)
        bom.register_dependency(bom.metadata.component, bom.components)
        options.file.parent.mkdir(exist_ok=True)
        options.file.write_text(JsonV1Dot6(bom).output_as_string(indent=2), encoding="utf-8")
        print(f"wrote {options.file}: {len(found)} parts")
    return 0


if __name__ == "__main__":
    sys.exit(main())
