"""Size limits of the protocol."""

# Characters of a message.
MAX_TEXT_LENGTH = 99_999
MAX_DRAFT_LENGTH = 100_000

# The longest text in JSON, with every character written as two escaped surrogates (12 bytes).
MAX_FRAME_BYTES = 1_310_720
