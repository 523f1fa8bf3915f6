"""A program that acts as a bot, for tests."""

from typing import Any
from uuid import UUID

from apps.accounts.actions.app_tokens import Tokens
from apps.integrations.actions import bots
from tests.support.apps import App


def program(owner: UUID, bot: UUID, *scopes: str, **more: Any) -> App:
    """A program with a new token of the bot that covers these."""
    token, device = bots.make_token(owner, bot, name="Test", scopes=scopes, **more)
    return App(Tokens(device, token, ""))
