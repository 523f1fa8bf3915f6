"""Groups: members, titles, and what is left of one that was left."""

from apps.wire import commands, events
from tests.realtime_client.conftest import Enter
from tests.realtime_client.scripted import Room, ScriptedServer

NAMES = "timeline.state.members?.map(({ person }) => person.name).join(' ')"


def members_asked(script: ScriptedServer, room: Room) -> int:
    """How often the members of a group were asked for."""
    return sum(one.startswith(f"/api/v1/chats/{room.id}/members") for one in script.gets)


def test_members_are_asked_for_once_and_kept_by_the_stream(
    enter: Enter, script: ScriptedServer
) -> None:
    alice, bob, charlie = (script.person(name) for name in ("Alice", "Bob", "Charlie"))
    room = script.group("Harbour", alice, bob)
    tab = enter(bob).online().show(room.id)
    tab.wait(f"{NAMES} === 'Alice Bob'")
    assert tab.run("timeline.state.members.map(({ role }) => role)") == ["owner", "member"]
    script.emit(bob, room.member(charlie), room.say(charlie, "", kind="joined"))
    tab.wait(f"{NAMES} === 'Alice Bob Charlie' && lines().length === 1")
    row = "timeline.rows[0]"
    assert tab.run(f"[{row}.kind, timeline.state.people[{row}.sender].name]") == [
        "joined",
        "Charlie",
    ]
    assert tab.run("[seen.chats[0].members, seen.chats[0].last.name]") == [3, "Charlie"]
    script.emit(bob, room.member(bob, role="admin"))
    tab.wait("seen.chats[0].role === 'admin' && timeline.state.members[1].role === 'admin'")
    script.emit(bob, room.member(charlie, left=True))
    tab.wait(f"{NAMES} === 'Alice Bob' && seen.chats[0].members === 2")
    tab.show(room.id)
    assert members_asked(script, room) == 1
    assert tab.debug()["cursors"][str(room.id)] == room.rev
    assert tab.debug()["resumes"] == 1


def test_who_speaks_in_a_group_that_is_not_open_gets_a_name(
    enter: Enter, script: ScriptedServer
) -> None:
    alice, bob = script.person("Alice"), script.person("Bob")
    room = script.group("Harbour", alice, bob)
    tab = enter(bob).online()
    eve = script.person("Eve")  # nobody Bob is in touch with
    room.people.append(eve)
    script.emit(bob, room.say(eve, "hello"))
    tab.wait("seen.chats[0].last?.name === 'Eve'")


def test_a_title_changes_and_follows_its_cursor(enter: Enter, script: ScriptedServer) -> None:
    alice, bob = script.person("Alice"), script.person("Bob")
    room = script.group("Harbour", alice, bob)
    tab = enter(bob).online().show(room.id)
    first, second = room.rename("Shore"), room.rename("Beach")
    script.emit(bob, second)  # the one before is lost, and asked for
    tab.wait("seen.chats[0].title === 'Beach' && timeline.state.chat.title === 'Beach'")
    script.emit(bob, first)
    script.emit(bob, room.say(alice, "there"))
    tab.wait("lines().length === 1")
    assert tab.run("seen.chats[0].title") == "Beach"
    assert tab.debug()["resumes"] == 2


def test_a_gap_brings_the_title_and_asks_for_the_members_anew(
    enter: Enter, script: ScriptedServer
) -> None:
    alice, bob, charlie = (script.person(name) for name in ("Alice", "Bob", "Charlie"))
    room = script.group("Harbour", alice, bob)
    room.say(alice, "one")
    tab = enter(bob).online().show(room.id)
    tab.wait(f"{NAMES} === 'Alice Bob'")
    room.member(charlie)
    room.rename("Shore")
    room.say(charlie, "two")
    script.emit(
        bob,
        events.Gap(
            chat=room.id,
            rev=room.rev,
            title="Shore",
            last_seq=2,
            read_seq=0,
            messages=room.messages,
        ),
    )
    tab.wait(f"{NAMES} === 'Alice Bob Charlie' && timeline.state.chat.title === 'Shore'")
    tab.wait("lines().join() === 'one,two'")
    assert members_asked(script, room) == 2
    script.emit(bob, room.member(alice, role="admin"))
    tab.wait("timeline.state.members[0].role === 'admin'")


def test_members_and_names_are_there_without_a_line(enter: Enter, script: ScriptedServer) -> None:
    alice, bob = script.person("Alice"), script.person("Bob")
    room = script.group("Harbour", alice, bob)
    eve = script.person("Eve")
    room.people.append(eve)
    room.say(eve, "hello")
    tab = enter(bob).online().show(room.id)
    tab.wait(f"{NAMES} === 'Alice Bob Eve'")
    script.down = True
    script.cut()
    tab.page.close()
    tab = enter(bob, tab.page.context).show(room.id)
    tab.wait(f"{NAMES} === 'Alice Bob Eve'")
    assert tab.run("timeline.state.people[timeline.rows[0].sender].name") == "Eve"


def test_who_left_is_named_in_a_timeline_opened_later(enter: Enter, script: ScriptedServer) -> None:
    alice, bob, eve = (script.person(name) for name in ("Alice", "Bob", "Eve"))
    room = script.group("Harbour", alice, bob, eve)
    room.say(eve, "goodbye")
    room.member(eve, left=True)
    tab = enter(bob).online().show(room.id)
    tab.wait(f"{NAMES} === 'Alice Bob' && seen.chats[0].members === 2")
    tab.wait("timeline.state.people[timeline.rows[0].sender]?.name === 'Eve'")
    script.down = True
    script.cut()
    tab.page.close()
    tab = enter(bob, tab.page.context).show(room.id)
    tab.wait(f"{NAMES} === 'Alice Bob'")
    tab.wait("timeline.state.people[timeline.rows[0].sender]?.name === 'Eve'")


def test_being_removed_clears_everything_of_the_chat(enter: Enter, script: ScriptedServer) -> None:
    alice, bob = script.person("Alice"), script.person("Bob")
    room, other = script.group("Harbour", alice, bob), script.room(bob, alice, "hello")
    room.say(alice, "secret")
    tab = enter(bob).online().show(room.id)
    tab.wait(f"{NAMES} === 'Alice Bob'")
    tab.run("client.saveDraft(given, 'told')", str(room.id))
    script.wait_for(lambda: bool(script.drafts))
    tab.wait("seen.chats.some(({ draft }) => draft === 'told')")
    farewell = room.member(bob, left=True)
    script.emit(bob, script.left(room, bob))
    script.emit(bob, farewell)  # of the other stream: it may come later
    tab.wait("timeline.state.status === 'left'")
    assert tab.run("[timeline.rows.length, timeline.state.chat]") == [0, None]
    assert tab.run("seen.chats.map(({ id }) => id)") == [str(other.id)]
    held = tab.wait(
        """(async () => {
          const counts = {};
          for (const { name } of await indexedDB.databases()) {
            const db = await new Promise((resolve) => {
              indexedDB.open(name).onsuccess = ({ target }) => resolve(target.result);
            });
            for (const store of db.objectStoreNames) {
              const all = await new Promise((resolve) => {
                const asked = db.transaction(store).objectStore(store).getAll();
                asked.onsuccess = () => resolve(asked.result);
              });
              counts[store] = all.filter((one) => JSON.stringify(one).includes(given)).length;
            }
            db.close();
          }
          return Object.values(counts).some(Boolean) ? null : counts;
        })()""",
        str(room.id),
    )
    assert set(held) >= {"chats", "members", "messages", "drafts", "outbox"}
    assert tab.debug()["resumes"] == 1
    assert tab.failure("client.request('message', given, 1)", str(room.id)) == "not_found"


def test_words_that_are_nowhere_else_outlive_the_chat(enter: Enter, script: ScriptedServer) -> None:
    alice, bob = script.person("Alice"), script.person("Bob")
    room = script.group("Harbour", alice, bob)
    tab = enter(bob).online()
    script.on_change = lambda command: (
        events.Error(ref=command.ref, code="unavailable", detail="")
        if isinstance(command, commands.SaveDraft)
        else None
    )
    tab.run("client.saveDraft(given, 'only here')", str(room.id))
    script.wait_for(lambda: bool(script.asked(commands.SaveDraft)))
    room.member(bob, left=True)
    script.emit(bob, script.left(room, bob))
    tab.wait("seen.chats.length === 0")
    assert tab.run("(await client.draft(given)).text", str(room.id)) == "only here"


def test_a_chat_that_was_left_opens_again_when_one_is_back(
    enter: Enter, script: ScriptedServer
) -> None:
    alice, bob = script.person("Alice"), script.person("Bob")
    room = script.group("Harbour", alice, bob)
    room.say(alice, "one")
    tab = enter(bob).online().show(room.id)
    room.member(bob, left=True)
    script.emit(bob, script.left(room, bob))
    tab.wait("timeline.state.status === 'left'")
    room.say(alice, "two")
    room.member(bob)
    script.emit(bob, script.joined(room, bob))
    tab.wait("timeline.state.status === 'ready' && lines().join() === 'one,two'")
    script.emit(bob, room.say(alice, "three"))
    tab.wait("lines().length === 3")


def test_who_has_seen_it_counts_the_members(enter: Enter, script: ScriptedServer) -> None:
    alice, bob, charlie = (script.person(name) for name in ("Alice", "Bob", "Charlie"))
    room = script.group("Harbour", alice, bob, charlie)
    room.say(bob, "anybody?")
    tab = enter(bob).online().show(room.id)
    seen = """(await import('/static/r1/realtime/tab/timeline.js'))
      .seenBy(timeline.rows[0], timeline.state.positions)"""
    tab.wait("timeline.state.positions.members.length === 2")
    assert tab.run(seen) == {"seen": 0, "of": 2}
    script.emit(bob, script.position(room, charlie, delivered=1, read=1))
    tab.wait(f"({seen}).seen === 1")
    assert tab.run("marks()") == ["sent"]
    script.emit(bob, room.member(alice, left=True))
    tab.wait(f"({seen}).of === 1")
    assert tab.run("marks()") == ["read"]
    script.emit(bob, room.member(script.person("Eve")))
    tab.wait(f"({seen}).of === 2")
    assert tab.run("marks()") == ["read"]


def test_what_is_asked_of_groups_reaches_the_server(enter: Enter, script: ScriptedServer) -> None:
    alice, bob = script.person("Alice"), script.person("Bob")
    room = script.group("Harbour", alice, bob)
    tab = enter(bob).online()
    given = {"chat": str(room.id), "person": str(alice.id)}
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
