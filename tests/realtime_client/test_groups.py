"""Groups: members, titles, and leaving."""

from apps.wire import commands, events
from tests.realtime_client.scripted import ScriptedChat, ScriptedServer

NAMES = "timeline.state.members?.map(({ person }) => person.name).join(' ')"


def members_asked(script: ScriptedServer, chat: ScriptedChat) -> int:
    """How often the members of a group were requested."""
    return sum(one.startswith(f"/api/v1/chats/{chat.id}/members") for one in script.gets)


def test_members_are_fetched_once_and_kept_current_by_events(enter, script):
    alice, bob, charlie = (script.person(name) for name in ("Alice", "Bob", "Charlie"))
    chat = script.group("Harbour", alice, bob)
    tab = enter(bob).online().show(chat.id)
    tab.wait(f"{NAMES} === 'Alice Bob'")
    assert tab.run("timeline.state.members.map(({ role }) => role)") == ["owner", "member"]
    script.emit(bob, chat.member(charlie), chat.say(charlie, "", kind="joined"))
    tab.wait(f"{NAMES} === 'Alice Bob Charlie' && lines().length === 1")
    row = "timeline.rows[0]"
    assert tab.run(f"[{row}.kind, timeline.state.people[{row}.sender].name]") == [
        "joined",
        "Charlie",
    ]
    assert tab.run("[seen.chats[0].members, seen.chats[0].last.name]") == [3, "Charlie"]
    script.emit(bob, chat.member(bob, role="admin"))
    tab.wait("seen.chats[0].role === 'admin' && timeline.state.members[1].role === 'admin'")
    script.emit(bob, chat.member(charlie, left=True))
    tab.wait(f"{NAMES} === 'Alice Bob' && seen.chats[0].members === 2")
    tab.show(chat.id)
    assert members_asked(script, chat) == 1
    assert tab.debug()["cursors"][str(chat.id)] == chat.rev
    assert tab.debug()["resumes"] == 1


def test_the_sender_in_a_group_that_is_not_open_gets_a_name(enter, script):
    alice, bob = script.person("Alice"), script.person("Bob")
    chat = script.group("Harbour", alice, bob)
    tab = enter(bob).online()
    eve = script.person("Eve")  # nobody Bob is in touch with
    chat.people.append(eve)
    script.emit(bob, chat.say(eve, "hello"))
    tab.wait("seen.chats[0].last?.name === 'Eve'")


def test_a_new_title_is_shown_once_and_an_older_one_is_ignored(enter, script):
    alice, bob = script.person("Alice"), script.person("Bob")
    chat = script.group("Harbour", alice, bob)
    tab = enter(bob).online().show(chat.id)
    first, second = chat.rename("Shore"), chat.rename("Beach")
    script.emit(bob, second)  # the one before is lost, and asked for
    tab.wait("seen.chats[0].title === 'Beach' && timeline.state.chat.title === 'Beach'")
    script.emit(bob, first)
    script.emit(bob, chat.say(alice, "there"))
    tab.wait("lines().length === 1")
    assert tab.run("seen.chats[0].title") == "Beach"
    assert tab.debug()["resumes"] == 2


def test_a_gap_brings_the_title_and_fetches_the_members_again(enter, script):
    alice, bob, charlie = (script.person(name) for name in ("Alice", "Bob", "Charlie"))
    chat = script.group("Harbour", alice, bob)
    chat.say(alice, "one")
    tab = enter(bob).online().show(chat.id)
    tab.wait(f"{NAMES} === 'Alice Bob'")
    chat.member(charlie)
    chat.rename("Shore")
    chat.say(charlie, "two")
    script.emit(
        bob,
        events.Gap(
            chat=chat.id,
            rev=chat.rev,
            title="Shore",
            last_seq=2,
            read_seq=0,
            messages=chat.messages,
        ),
    )
    tab.wait(f"{NAMES} === 'Alice Bob Charlie' && timeline.state.chat.title === 'Shore'")
    tab.wait("lines().join() === 'one,two'")
    assert members_asked(script, chat) == 2
    script.emit(bob, chat.member(alice, role="admin"))
    tab.wait("timeline.state.members[0].role === 'admin'")


def test_members_and_names_are_shown_offline(enter, script):
    alice, bob = script.person("Alice"), script.person("Bob")
    chat = script.group("Harbour", alice, bob)
    eve = script.person("Eve")
    chat.people.append(eve)
    chat.say(eve, "hello")
    tab = enter(bob).online().show(chat.id)
    tab.wait(f"{NAMES} === 'Alice Bob Eve'")
    script.down = True
    script.cut()
    tab.page.close()
    tab = enter(bob, tab.page.context).show(chat.id)
    tab.wait(f"{NAMES} === 'Alice Bob Eve'")
    assert tab.run("timeline.state.people[timeline.rows[0].sender].name") == "Eve"


def test_a_former_member_has_a_name_in_a_timeline_opened_later(enter, script):
    alice, bob, eve = (script.person(name) for name in ("Alice", "Bob", "Eve"))
    chat = script.group("Harbour", alice, bob, eve)
    chat.say(eve, "goodbye")
    chat.member(eve, left=True)
    tab = enter(bob).online().show(chat.id)
    tab.wait(f"{NAMES} === 'Alice Bob' && seen.chats[0].members === 2")
    tab.wait("timeline.state.people[timeline.rows[0].sender]?.name === 'Eve'")
    script.down = True
    script.cut()
    tab.page.close()
    tab = enter(bob, tab.page.context).show(chat.id)
    tab.wait(f"{NAMES} === 'Alice Bob'")
    tab.wait("timeline.state.people[timeline.rows[0].sender]?.name === 'Eve'")


def test_removal_from_a_group_deletes_all_of_the_chat(enter, script):
    alice, bob = script.person("Alice"), script.person("Bob")
    chat, other = script.group("Harbour", alice, bob), script.direct_chat(bob, alice, "hello")
    chat.say(alice, "secret")
    tab = enter(bob).online().show(chat.id)
    tab.wait(f"{NAMES} === 'Alice Bob'")
    tab.run("client.saveDraft(given, 'told')", str(chat.id))
    script.wait_for(lambda: bool(script.drafts))
    tab.wait("seen.chats.some(({ draft }) => draft === 'told')")
    farewell = chat.member(bob, left=True)
    script.emit(bob, script.left(chat, bob))
    script.emit(bob, farewell)  # of the other stream: it may come later
    tab.wait("timeline.state.status === 'left'")
    assert tab.run("[timeline.rows.length, timeline.state.chat]") == [0, None]
    assert tab.run("seen.chats.map(({ id }) => id)") == [str(other.id)]
    held = tab.wait(
        """stored().then((all) => {
          const ofChat = (one) => JSON.stringify(one).includes(given);
          return Object.values(all).flat().some(ofChat) ? null : Object.keys(all);
        })""",
        str(chat.id),
    )
    assert set(held) >= {"chats", "members", "messages", "drafts", "outbox"}
    assert tab.debug()["resumes"] == 1
    assert tab.failure("client.request('message', given, 1)", str(chat.id)) == "not_found"


def test_an_unsaved_draft_outlives_the_chat(enter, script):
    alice, bob = script.person("Alice"), script.person("Bob")
    chat = script.group("Harbour", alice, bob)
    tab = enter(bob).online()
    script.on_change = lambda command: (
        events.Error(ref=command.ref, code="unavailable", detail="")
        if isinstance(command, commands.SaveDraft)
        else None
    )
    tab.run("client.saveDraft(given, 'only here')", str(chat.id))
    script.wait_for(lambda: bool(script.asked(commands.SaveDraft)))
    chat.member(bob, left=True)
    script.emit(bob, script.left(chat, bob))
    tab.wait("seen.chats.length === 0")
    assert tab.run("(await client.draft(given)).text", str(chat.id)) == "only here"


def test_a_chat_that_was_left_opens_again_after_joining(enter, script):
    alice, bob = script.person("Alice"), script.person("Bob")
    chat = script.group("Harbour", alice, bob)
    chat.say(alice, "one")
    tab = enter(bob).online().show(chat.id)
    chat.member(bob, left=True)
    script.emit(bob, script.left(chat, bob))
    tab.wait("timeline.state.status === 'left'")
    chat.say(alice, "two")
    chat.member(bob)
    script.emit(bob, script.joined(chat, bob))
    tab.wait("timeline.state.status === 'ready' && lines().join() === 'one,two'")
    script.emit(bob, chat.say(alice, "three"))
    tab.wait("lines().length === 3")


def test_seen_by_counts_the_members(enter, script):
    alice, bob, charlie = (script.person(name) for name in ("Alice", "Bob", "Charlie"))
    chat = script.group("Harbour", alice, bob, charlie)
    chat.say(bob, "anybody?")
    tab = enter(bob).online().show(chat.id)
    seen = """(await import('/static/r1/realtime/tab/timeline.js'))
      .seenBy(timeline.rows[0], timeline.state.positions)"""
    tab.wait("timeline.state.positions.members.length === 2")
    assert tab.run(seen) == {"seen": 0, "of": 2}
    script.emit(bob, script.position(chat, charlie, delivered=1, read=1))
    tab.wait(f"({seen}).seen === 1")
    assert tab.run("marks()") == ["sent"]
    script.emit(bob, chat.member(alice, left=True))
    tab.wait(f"({seen}).of === 1")
    assert tab.run("marks()") == ["read"]
    script.emit(bob, chat.member(script.person("Eve")))
    tab.wait(f"({seen}).of === 2")
    assert tab.run("marks()") == ["read"]


def test_positions_that_a_snapshot_drops_are_asked_for_again(enter, script):
    """As on a slow first connection, whose snapshot comes after the positions."""
    alice, bob = script.person("Alice"), script.person("Bob")
    chat = script.group("Harbour", alice, bob)
    chat.say(bob, "anybody?")
    tab = enter(bob).online().show(chat.id)
    tab.wait("timeline.state.positions.members.length === 1")
    assert tab.run("marks()") == ["sent"]
    chat.read[alice.id] = 1
    script.emit(bob, *script.snapshot(bob), events.Synced())
    tab.wait("marks().join() === 'read'")


def test_group_commands_reach_the_server_and_fail_with_its_code(enter, script):
    alice, bob = script.person("Alice"), script.person("Bob")
    chat = script.group("Harbour", alice, bob)
    tab = enter(bob).online()
    given = {"chat": str(chat.id), "person": str(alice.id)}
    tab.run(
        """(async ({ chat, person }) => {
          await client.command({ type: 'group.create', title: 'Shore', people: [person] });
          await client.command({ type: 'group.rename', chat, title: 'Beach' });
          await client.command({ type: 'member.add', chat, people: [person] });
          await client.command({ type: 'member.role', chat, person, role: 'admin' });
          await client.command({ type: 'member.remove', chat, person });
          await client.command({ type: 'group.leave', chat });
        })(given)""",
        given,
    )
    made = [type(one) for one in script.received[-6:]]
    assert made == [
        commands.CreateGroup,
        commands.RenameGroup,
        commands.AddMembers,
        commands.ChangeRole,
        commands.RemoveMember,
        commands.LeaveGroup,
    ]
    script.on_change = lambda command: events.Error(ref=command.ref, code="full", detail="")
    add = "client.command({ type: 'member.add', chat: given.chat, people: [given.person] })"
    assert tab.failure(add, given) == "full"
    assert tab.failure("client.request('toString')") == "invalid"
