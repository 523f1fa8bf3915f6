"""Markup in messages, as the page shows it. Parsing is tested in `js/markup.test.js`."""


def test_html_in_a_message_stays_text(open_page, cast):
    alice = open_page(cast.alice, f"/c/{cast.chat}")
    alice.settle()
    alice.say("<img src=x onerror=alert(1)><b>no</b> https://a.test/?q=<script>")
    text = alice.last_row.locator(".text")
    assert text.locator("img, b, script").count() == 0
    assert text.inner_text() == "<img src=x onerror=alert(1)><b>no</b> https://a.test/?q=<script>"
    assert text.locator("a").get_attribute("href") == "https://a.test/?q="
