"""Several tabs, several releases, several people in one browser."""

from contextlib import suppress

from playwright.sync_api import Error


def test_three_tabs_share_one_connection(enter, script):
    alice, bob = script.person("Alice"), script.person("Bob")
    chat = script.direct_chat(bob, alice, "hello")
    first = enter(bob).online().show(chat.id)
    second = enter(bob, first.page.context).online().show(chat.id)
    third = enter(bob, first.page.context).online().show(chat.id)
    first.say(chat.id, "to all tabs")
    for tab in (first, second, third):
        tab.wait("timeline.state.rows.length === 2 && timeline.state.pending.length === 0")
    assert script.opened == 1
    assert first.debug()["tabs"] == 3
    assert first.debug()["socketsOpened"] == 1


def test_a_pending_message_and_a_draft_show_in_every_tab(enter, script):
    alice, bob = script.person("Alice"), script.person("Bob")
    chat = script.direct_chat(bob, alice, "hello")
    first = enter(bob).online().show(chat.id)
    second = enter(bob, first.page.context).online().show(chat.id)
    script.holding = True
    first.say(chat.id, "on its way")
    second.wait("marks().at(-1) === 'pending'")
    first.run("client.saveDraft(given, 'and then')", str(chat.id))
    second.wait("seen.chats[0].draft === 'and then'")
    script.release_held()
    second.wait("marks().at(-1) === 'sent' && timeline.state.pending.length === 0")


def test_the_owner_notices_closed_and_crashed_tabs(enter, script):
    bob = script.person("Bob")
    first = enter(bob).online()
    second = enter(bob, first.page.context).online()
    third = enter(bob, first.page.context).online()
    assert first.debug()["tabs"] == 3
    second.page.close(run_before_unload=False)
    first.wait("client.debug().then(({ tabs }) => tabs === 2)")
    with suppress(Error):  # it cannot answer any more
        third.page.goto("chrome://crash")
    first.wait("client.debug().then(({ tabs }) => tabs === 1)")
    assert script.opened == 1


def test_a_new_release_takes_over_and_only_one_sends(enter, script):
    alice, bob = script.person("Alice"), script.person("Bob")
    chat = script.direct_chat(bob, alice, "hello")
    old = enter(bob).online().show(chat.id)
    new = enter(bob, old.page.context, "r2").online().show(chat.id)
    assert (old.debug()["leader"], new.debug()["leader"]) == (True, False)
    assert script.opened == 2
    new.say(chat.id, "from the new one")
    for tab in (old, new):
        tab.wait("timeline.state.rows.length === 2 && timeline.state.pending.length === 0")
    assert len(script.sends()) == 1
    script.holding = True
    new.say(chat.id, "left behind")
    script.wait_for(lambda: len(script.sends()) == 2)
    script.holding = False
    old.page.close()
    new.wait("client.debug().then(({ leader }) => leader)")
    new.wait("timeline.state.rows.length === 3 && timeline.state.pending.length === 0")
    assert [message.text for message in chat.messages] == [
        "hello",
        "from the new one",
        "left behind",
    ]
    assert new.debug()["outbox"] == 0


def test_the_connection_view_names_a_newer_release(enter, script):
    bob = script.person("Bob")
    tab = enter(bob).online()
    assert tab.run("seen.connection.release") is None
    script.release = "r2"
    script.cut()
    tab.wait("seen.connection.release === 'r2'")


def test_signing_out_ends_all_tabs(enter, script):
    bob = script.person("Bob")
    first = enter(bob).online()
    second = enter(bob, first.page.context).online()
    script.cut(4401)
    for tab in (first, second):
        tab.wait("seen.connection.state === 'signed_out'")
    opened = script.opened
    third = enter(bob, first.page.context).online()
    for tab in (first, second, third):
        tab.wait("seen.connection.state === 'online'")
    assert script.opened == opened + 1


def test_a_handshake_refused_without_a_session_signs_out(enter, script):
    bob = script.person("Bob")
    tab = enter(bob).online()
    tab.page.context.clear_cookies()
    script.cut()
    tab.wait("seen.connection.state === 'signed_out'")


def test_the_next_person_in_this_browser_sees_nothing_of_the_first(enter, script):
    alice, bob, dana = (script.person(name) for name in ("Alice", "Bob", "Dana"))
    chat = script.direct_chat(bob, alice, "for Bob alone")
    first = enter(bob).online().show(chat.id)
    first.run("client.saveDraft(given, 'a secret')", str(chat.id))
    script.down = True
    script.cut()
    first.wait("seen.connection.state === 'offline'")
    context = first.page.context
    context.add_cookies([{"name": "person", "value": str(dana.id), "url": script.url}])
    first.say(chat.id, "Bob's last words")
    script.down = False
    second = enter(dana, context).online()
    assert second.run("seen.chats") == []
    assert second.run("(await client.draft(given)).text", str(chat.id)) == ""
    first.run("client.reconnect()")
    first.wait("seen.connection.state === 'signed_out'")
    assert len(chat.messages) == 1
    assert not script.sends()


def test_forget_deletes_the_cache_and_keeps_unsent_messages(enter, script):
    alice, bob = script.person("Alice"), script.person("Bob")
    chat = script.direct_chat(bob, alice, "hello")
    tab = enter(bob).online().show(chat.id)
    tab.run("client.saveDraft(given, 'not yet')", str(chat.id))
    tab.run("client.forget()")
    tab.wait("seen.connection.state === 'signed_out'")
    stored = tab.run("(await indexedDB.databases()).map(({ name }) => name.split('-')[1])")
    assert stored == ["mine"]
    tab.page.close()
    tab = enter(bob, tab.page.context).online().show(chat.id)
    assert tab.run("lines()") == ["hello"]
    assert tab.run("(await client.draft(given)).text", str(chat.id)) == "not yet"


def test_signing_in_again_starts_over_although_another_tab_stayed_open(enter, script):
    alice, bob = script.person("Alice"), script.person("Bob")
    chat = script.group("Harbour", alice, bob)
    chat.say(alice, "hello")
    first = enter(bob).online().show(chat.id)
    stayed = enter(bob, first.page.context).online()
    first.run("client.forget()")
    first.page.close()
    script.down = True
    tab = enter(bob, stayed.page.context)
    tab.wait("seen.connection?.state === 'offline'")
    assert tab.run("seen.chats ?? 'not known'") == "not known"
    script.down = False
    tab.run("client.reconnect()")
    tab.online().show(chat.id).wait("timeline.state.members?.length === 2")
    assert tab.run("lines()") == ["hello"]
    script.down = True
    script.cut()
    tab.wait("seen.connection.state === 'offline'")
    assert tab.show(chat.id).run("lines()") == ["hello"]  # from what is stored


def test_forget_in_a_tab_that_does_not_lead_deletes_the_stored_cache(enter, script, browsers):
    alice, bob = script.person("Alice"), script.person("Bob")
    script.direct_chat(bob, alice, "hello")
    context = browsers(bob)
    context.add_init_script("delete globalThis.SharedWorker")
    enter(bob, context).online()
    second = enter(bob, context).online()
    assert second.debug()["leader"] is False
    second.run("client.forget()")
    stored = second.run("(await indexedDB.databases()).map(({ name }) => name.split('-')[1])")
    assert stored == ["mine"]


def test_without_a_shared_worker_the_tab_is_its_own_owner(enter, script, browsers):
    alice, bob = script.person("Alice"), script.person("Bob")
    chat = script.direct_chat(bob, alice, "hello")
    context = browsers(bob)
    context.add_init_script("delete globalThis.SharedWorker")
    first = enter(bob, context).online().show(chat.id)
    assert first.debug()["host"] == "tab"
    second = enter(bob, context).online().show(chat.id)
    assert script.opened == 2
    assert second.debug()["leader"] is False
    second.say(chat.id, "from the second tab")
    for tab in (first, second):
        tab.wait("timeline.state.rows.length === 2 && timeline.state.pending.length === 0")
    assert len(script.sends()) == 1
    first.page.close()
    second.wait("client.debug().then(({ leader }) => leader)")
    second.online()
    second.say(chat.id, "alone now")
    second.wait("timeline.state.rows.length === 3 && timeline.state.pending.length === 0")
