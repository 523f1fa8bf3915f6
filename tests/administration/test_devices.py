"""What is signed in as a person, on their page in the admin."""

from uuid import uuid4

from django.urls import reverse

from apps.accounts.models import Ending, Session
from tests.administration.conftest import staff
from tests.support.people import person, session_of, signed_in


def page_of(user):
    return reverse("admin:accounts_user_change", args=[user.id])


def a_device(user, name):
    found = Session.objects.filter(session_key=session_of(user))
    found.update(name=name)
    return found.get().device_id


def test_one_device_is_signed_out_and_the_others_stay(root, alice):
    phone, laptop = a_device(alice, "Phone"), a_device(alice, "Laptop")
    client = signed_in(root)
    page = client.get(page_of(alice)).content.decode()
    assert "Phone" in page
    assert "Laptop" in page
    page = client.post(page_of(alice), {"_end_device": str(phone)}, follow=True).content.decode()
    assert "Access ended" in page
    assert "Phone" not in page
    assert [*Session.objects.filter(user=alice).values_list("device_id", flat=True)] == [laptop]
    [ending] = Ending.objects.filter(user=alice)
    assert (ending.way, ending.by_id, ending.account) == ("administrator", root.id, False)
    for nothing in (str(phone), "none"):
        page = client.post(page_of(alice), {"_end_device": nothing}, follow=True).content.decode()
        assert "There was nothing to end." in page


def test_a_device_of_somebody_else_stays(root, alice, bob):
    phone = a_device(bob, "Phone")
    signed_in(root).post(page_of(alice), {"_end_device": str(phone)})
    assert Session.objects.filter(user=bob).exists()


def test_who_may_not_end_sessions_sees_none(helper, root, alice):
    phone = a_device(alice, "Phone")
    client = signed_in(helper)
    assert "Phone" not in client.get(page_of(alice)).content.decode()
    assert client.post(page_of(alice), {"_end_device": str(phone)}).status_code == 403
    # Of superusers, only superusers; one's own are in the app.
    changer = signed_in(staff("greta", "view_user", "change_user"))
    assert "Phone" in changer.get(page_of(alice)).content.decode()
    a_device(root, "Tower")
    assert "Tower" not in changer.get(page_of(root)).content.decode()
    assert changer.post(page_of(root), {"_end_device": str(uuid4())}).status_code == 403
    assert "Tower" not in signed_in(root).get(page_of(root)).content.decode()
    other = person("rita", is_staff=True, is_superuser=True)
    assert "Tower" in signed_in(other).get(page_of(root)).content.decode()
