"""Size limits of the protocol."""

# Characters of a message.
MAX_TEXT_LENGTH = 99_999
MAX_DRAFT_LENGTH = 100_000

# The longest text in JSON, with every character written as two escaped surrogates (12 bytes).
MAX_FRAME_BYTES = 1_310_720

# Files of one message.
MAX_FILES = 10
# How a message of a program is drawn, as JSON.
MAX_LAYOUT_BYTES = 131_072
# What a program posts to a webhook.
MAX_HOOK_BYTES = 262_144
# Loudnesses of a voice message.
MAX_WAVEFORM_LENGTH = 64
MAX_DURATION_MS = 86_400_000
# One request of an upload: small enough to get through a bad network, and to hold in memory.
MAX_CHUNK_BYTES = 8_388_608
# The last part of an upload may be smaller. A file must not become a million objects.
MIN_CHUNK_BYTES = 65_536

# The picture of a custom emoji: with the rest of its form it has room in a request.
MAX_EMOJI_BYTES = 1_048_576
