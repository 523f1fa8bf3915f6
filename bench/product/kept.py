"""`python -m bench.product.kept MESSAGES FILES`: fill a database and its folder of files."""

import os
import sys

import django

from bench.backups import CHATS, FILE_BYTES


def main() -> None:
    """A hundred groups of one person, and files that no message shows."""
    messages, files = (int(each) for each in sys.argv[1:])
    django.setup()
    from tests.support.fill import fill, many_groups
    from tests.support.people import person
    from tests.support.uploads import stored_file

    owner = person("owner")
    for group in many_groups(owner.id, CHATS):
        fill(group, owner.id, end=messages // CHATS)
    for number in range(files):
        stored_file(owner, f"{number}.bin", os.urandom(FILE_BYTES))


if __name__ == "__main__":
    main()
