"""PDF files for tests, made in code."""

from collections.abc import Sequence

# No password fits.
LOCKED = f"/ID[(a)(a)]/Encrypt<</Filter/Standard/V 1/R 2/P -4/O({'o' * 32})/U({'u' * 32})>>"


def pdf(pages: Sequence[str], *, catalog: str = "", trailer: str = "") -> bytes:
    """A PDF with one line of text on each page, in a font that the file does not contain.

    `catalog` and `trailer` are further entries of the dictionaries of that name.
    """
    first = 4
    kids = " ".join(f"{first + 2 * n} 0 R" for n in range(len(pages)))
    bodies = [
        f"<</Type/Catalog/Pages 2 0 R{catalog}>>",
        f"<</Type/Pages/Kids[{kids}]/Count {len(pages)}>>",
        "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    ]
    for number, text in enumerate(pages):
        drawn = f"BT /F1 36 Tf 72 700 Td ({text}) Tj ET"
        bodies += [
            f"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Resources<</Font<</F1 3 0 R>>>>"
            f"/Contents {first + 2 * number + 1} 0 R>>",
            f"<</Length {len(drawn)}>>stream\n{drawn}\nendstream",
        ]
    return _file(bodies, trailer)


def _file(bodies: Sequence[str], more: str) -> bytes:
    out = b"%PDF-1.7\n"
    offsets = []
    for number, body in enumerate(bodies, 1):
        offsets.append(len(out))
        out += f"{number} 0 obj\n{body}\nendobj\n".encode()
    size = len(bodies) + 1
    table = "".join(f"{offset:010} 00000 n \n" for offset in offsets)
    trailer = f"trailer<</Size {size}/Root 1 0 R{more}>>\nstartxref\n{len(out)}\n%%EOF\n"
    return out + f"xref\n0 {size}\n0000000000 65535 f \n{table}{trailer}".encode()
