"""What is declared of a setting."""

from dataclasses import dataclass

from chatproject.config.types import SettingType


@dataclass(frozen=True, kw_only=True)
class Setting:
    """One setting, `NAME`, whose value may also be in a file named by `NAME_FILE`.

    `default`: in the form of the environment; None for a setting without which nothing starts.
    `shown_default`: in documents, where the default depends on something.
    `secret`: the value is never shown.
    `at_runtime`: administrators may change it while the server runs (decision 0066): code reads it
    from `apps.core.runtime`. Never secrets, addresses, nor what guards the admin itself.
    `in_compose`: False for settings that docker-compose.yml does not pass to the containers.
    `only_for`: the only services of docker-compose.yml that have this secret, and the pods of the
    chart like them; empty for all of them.
    """

    name: str
    type: SettingType
    default: str | None
    help: str
    shown_default: str = ""
    secret: bool = False
    at_runtime: bool = False
    in_compose: bool = True
    only_for: tuple[str, ...] = ()
