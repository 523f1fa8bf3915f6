"""What the wire takes, for settings and the web server alike."""

# The longest text in JSON, with every character written as two escaped surrogates (12 bytes).
MAX_FRAME_BYTES = 1_310_720
