"""All settings of an operator, in the order of the documents.

After a change run `make settings`: it updates the table in docs/operate.md and the
environment in docker-compose.yml. `make check` fails while they are out of date.
"""

from chatproject.config.table import (
    accounts,
    backups,
    digests,
    files,
    limits,
    operation,
    push,
    server,
)

SETTINGS = (
    *server.SETTINGS,
    *files.SETTINGS,
    *accounts.SETTINGS,
    *limits.SETTINGS,
    *push.SETTINGS,
    *digests.SETTINGS,
    *backups.SETTINGS,
    *operation.SETTINGS,
)
BY_NAME = {setting.name: setting for setting in SETTINGS}
