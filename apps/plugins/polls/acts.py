"""What the browser module of polls calls."""

from typing import Any

from apps.core.errors import Invalid
from apps.integrations.plugins.contract import Act
from apps.plugins.polls import voting


def state(act: Act) -> dict[str, Any]:
    """The person's own choice, and who chose what."""
    return voting.state(act.person, act.chat, act.seq)


def vote(act: Act) -> dict[str, Any]:
    """Choose `options`; an empty list takes the vote back."""
    options = act.data.get("options")
    if not isinstance(options, list) or not all(type(each) is int for each in options):
        raise Invalid("`options` is a list of numbers.", pointer="#/data/options")
    voting.vote(act.person, act.chat, act.seq, options)
    return state(act)


def close(act: Act) -> None:
    """End the poll."""
    voting.close(act.person, act.chat, act.seq)


ACTIONS = {"state": state, "vote": vote, "close": close}
