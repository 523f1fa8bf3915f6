"""Names of the environment that look like settings and are none."""

import difflib
import re
from collections.abc import Iterable, Iterator

from chatproject.config.table import BY_NAME

# What names of settings begin with. None but Parley's are expected to.
FAMILIES = ("PARLEY_", "OIDC_", "S3_", "SCIM_", "NEWCOMER_", "BREAK_GLASS_", "VAPID_", "PUSH_")
# Kubernetes names the services of a namespace so.
OF_KUBERNETES = re.compile(r".*_(SERVICE_(HOST|PORT)(_\w+)?|PORT(_\d+_\w+)?)")
# Of a word of eight letters, one may be wrong.
LIKENESS = 0.88


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
