"""`/poll Question? | answer | answer`."""

from django.utils.translation import gettext, gettext_lazy

from apps.core.errors import Invalid
from apps.integrations.commands.registry import Answer, Command, CommandContext
from apps.plugins.polls import questions

FLAGS = {"--multiple": "multiple", "--anonymous": "anonymous"}


def poll(context: CommandContext) -> Answer:
    """Post a poll as the person."""
    questions.post(context.person, context.chat, parse(context.text), client_id=context.client_id)
    return None


def parse(text: str) -> questions.Question:
    """The question of a command. Raises Invalid, which says how it is written."""
    chosen = dict[str, bool]()
    while (flag := text.partition(" ")[0]) in FLAGS:
        chosen[FLAGS[flag]] = True
        text = text.removeprefix(flag).lstrip()
    question, *options = text.split("|")
    if not options:
        words = gettext("Write it so: /poll Where do we eat? | Pizza | Noodles")
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
