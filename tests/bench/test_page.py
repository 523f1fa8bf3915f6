"""The page of a benchmark: its table, and the plots for which there are values."""

from xml.etree import ElementTree

from bench.page import write
from bench.plot import Plot

SVG = "{http://www.w3.org/2000/svg}"


def result(*rows, windows=()):
    return {
        "at": "2026-12-01T10:00:00+00:00",
        "machine": {"cores": 2, "processor": "AMD", "memory_gib": 24, "python": "3.11"},
        "commit": "0123456789abcdef",
        "disturbed": False,
        "rows": list(rows),
        "windows": list(windows),
    }


def row(name, metric, value, points=()):
    return {
        "row": name,
        "metric": metric,
        "value": value,
        "unit": "u",
        "target": "≥ 10",
        "verdict": "met",
        "stock": None,
        "ceiling": None,
        "points": [list(point) for point in points],
    }


def test_a_page_has_all_rows_of_the_newest_file_that_has_them_and_the_plots(tmp_path):
    images = tmp_path / "figures"
    images.mkdir()
    (images / "of-before.svg").write_text("")
    old = result(row("P3", "16 at a time", 1), row("P10", "2 members, per delivery", 2000))
    rates = [
        {
            "name": f"parley {who} {rate}/s",
            "p50_ms": rate / 100,
            "p99_ms": rate / 10,
            "settled": True,
            "faults": faults,
        }
        for who, faults in (("pairs", {}), ("teams", {"lost": 1}))
        for rate in (1000, 3000)
    ]
    new = result(row("P3", "16 at a time", 12345.6, [(100, 3), (200, 6)]), windows=rates)
    write([old, new], tmp_path / "figures.md", images)
    page = (tmp_path / "figures.md").read_text()
    assert "| P3 | 16 at a time | 12,346 | u | ≥ 10 | met |  |  |" in page
    assert page.count("| P3 |") == 1
    assert page.index("| P3 |") < page.index("| P10 |")
    # One size of a chat is no line.
    assert sorted(each.name for each in images.iterdir()) == ["latency.svg", "memory.svg"]
    assert "(figures/latency.svg)" in page
    drawn = (images / "latency.svg").read_text()
    assert "pairs, p99" in drawn
    # A window with a loss is none.
    assert "groups" not in drawn


def test_a_plot_places_its_points_in_proportion_on_both_axes():
    points = [(0, 0), (50, 5), (100, 10)]
    root = ElementTree.fromstring(Plot("t", "x", "y", {"a": points}).svg())
    places = [(float(each.get("cx")), float(each.get("cy"))) for each in root.iter(f"{SVG}circle")]
    (x0, y0), (x1, y1), (x2, y2) = places
    assert x0 < x1 < x2
    assert y0 > y1 > y2
    assert (x1 - x0, y0 - y1) == ((x2 - x0) / 2, (y0 - y2) / 2)
    assert "prefers-color-scheme: dark" in root.find(f"{SVG}style").text


def test_names_cannot_break_the_image():
    root = ElementTree.fromstring(Plot("<&>", '"x"', "y", {"<a>": [(1, 1), (10, 10)]}, True).svg())
    assert "<a>" in [each.text for each in root.iter(f"{SVG}text")]
