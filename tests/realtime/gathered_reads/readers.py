"""What a client that connects asks for, and what it gets."""

from apps.realtime import change_feed
from apps.realtime.resume_reader import ResumeReader
from apps.wire import epochs
from apps.wire.commands import Resume
from tests.support.people import session_of
from tests.support.reading import chat_revs


def fresh(user):
    return ResumeReader(user.id, session_of(user), Resume(ref="1"))


def texts(part):
    return "".join(part.encoded)


def returning(user, *, user_rev=None, **revs):
    """A client that knows some chats up to `revs`, and all others up to their heads."""
    heads = chat_revs(user.id)
    known = {chat: revs.get(str(chat), rev) for chat, rev in heads.items()}
    at = change_feed.person_head(user.id) if user_rev is None else user_rev
    command = Resume(ref="1", epoch=epochs.current(), chats=known, user=at)
    return ResumeReader(user.id, session_of(user), command)
