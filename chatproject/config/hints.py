"""What the environment has that is no error, and probably not meant."""

import difflib
import os
import re
from collections.abc import Iterable, Iterator

from chatproject.config import environment
from chatproject.config.table import BY_NAME

# What names of settings begin with. None but Parley's are expected to.
FAMILIES = (
    "PARLEY_",
    "OIDC_",
    "GRAPH_",
    "S3_",
    "SCIM_",
    "NEWCOMER_",
    "BREAK_GLASS_",
    "VAPID_",
    "PUSH_",
)
# Kubernetes names the services of a namespace so.
OF_KUBERNETES = re.compile(r".*_(SERVICE_(HOST|PORT)(_\w+)?|PORT(_\d+_\w+)?)")
# Of a word of eight letters, one may be wrong.
LIKENESS = 0.88
BEHIND_NO_PROXY = (
    "PUBLIC_URL is https and TRUSTED_PROXIES is empty: everybody has the address of the proxy, and "
    "so shares the limits of one address (10 wrong passwords a minute). Set TRUSTED_PROXIES."
)


def hints() -> Iterator[str]:
    """A line about each. Raises SettingError."""
    yield from unknown(os.environ)
    public_url = environment.read("PUBLIC_URL")
    if public_url.startswith("https:") and not environment.read("TRUSTED_PROXIES"):
        yield BEHIND_NO_PROXY


def unknown(names: Iterable[str]) -> Iterator[str]:
    """A line about each of these names that is no setting, with the one that may be meant."""
    for name in sorted(names):
        plain = name.removesuffix("_FILE")
        if plain in BY_NAME or OF_KUBERNETES.fullmatch(name):
            continue
        close = difflib.get_close_matches(plain, BY_NAME, n=1, cutoff=LIKENESS)
        if plain.startswith("PARLEY_"):
            close = [each for each in [plain.removeprefix("PARLEY_")] if each in BY_NAME] or close
        if close or plain.startswith(FAMILIES):
            meant = f" Is {close[0]} meant?" if close else ""
            yield f"{name} is set, and no setting.{meant}"
