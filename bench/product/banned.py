"""`python -m bench.product.banned NAMES`: create people of these names, print their cookies."""

import sys
from datetime import timedelta

import django

from bench.people import Person, print_people, sign_in


def main() -> None:
    """Each with a device that gets pushes, a group with an invite link, and a message for later."""
    django.setup()
    from django.utils import timezone

    from apps.accounts.models import User
    from apps.chats.actions import groups, invite_links, scheduled
    from apps.core.identifiers import new_id
    from apps.notifications.models import Subscription

    people = []
    for name in sys.argv[1:]:
        user = User.objects.create_user(name)
        chat = groups.create_group(user.pk, "Group", [])
        invite_links.create_link(user.pk, chat, lifetime=timedelta(hours=1), most_uses=None)
        due = timezone.now() + timedelta(hours=1)
        scheduled.schedule(user.pk, chat, client_id=new_id(), text="later", due_at=due)
        [cookie] = sign_in([user])
        Subscription.objects.create(
            user=user,
            session_id=cookie.partition("=")[2],
            endpoint=name,
            endpoint_hash=name,
            host="push.example.org",
            keys={},
        )
        people.append(Person(cookie, str(chat)))
    print_people(people)


if __name__ == "__main__":
    main()
