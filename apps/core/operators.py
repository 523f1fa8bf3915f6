"""Who runs a command, for records of what operators do."""

import os
import pwd


def operator_name() -> str:
    """The operating-system user of this process, or their number if the machine has no name for it,
    as in many containers. Not from the environment, which says what the operator likes."""
    number = os.getuid()
    try:
        return pwd.getpwuid(number).pw_name
    except KeyError:
        return str(number)
