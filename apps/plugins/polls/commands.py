"""`/poll Question? | answer | answer`."""

import re

from django.utils.translation import gettext, gettext_lazy

from apps.core.errors import Invalid
from apps.integrations.commands.registry import Command, CommandContext, CommandResult
from apps.plugins.polls import questions

FLAGS = ("multiple", "anonymous")
# Phones put a dash in place of two hyphens.
FLAG = re.compile(r"(?:--|[\u2013\u2014])([\w-]+)\s*")


def poll(context: CommandContext) -> CommandResult:
    """Post a poll as the person."""
    questions.post(
        context.person,
        context.chat,
        parse(context.text),
        client_id=context.client_id,
        reply_to=context.reply_to,
    )
    return None


def parse(text: str) -> questions.Question:
    """The question of a command. Raises Invalid, which says how it is written."""
    chosen = dict[str, bool]()
    while found := FLAG.match(text):
        name = found[1].lower()
        if name not in FLAGS:
            # Not a part of the question: the poll would not be as anonymous as it was meant.
            words = gettext("There is no %(flag)s, only --multiple and --anonymous.")
            words %= {"flag": f"--{found[1]}"}
            raise Invalid(words, reason=words)
        chosen[name] = True
        text = text[found.end() :]
    question, *options = text.split("|")
    if not options:
        words = gettext("Write it like this: /poll Where do we eat? | Pizza | Noodles")
        raise Invalid(words, reason=words)
    return questions.checked(question, options, **chosen)


COMMANDS = (
    Command(
        "poll",
        run=poll,
        hint=gettext_lazy("[--multiple] [--anonymous] question | answer | answer"),
        description=gettext_lazy("Ask a question with answers to choose from"),
        bots=True,
    ),
)
