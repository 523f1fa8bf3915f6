"""Limits of the protocol, shared by the settings and the web server."""

# The longest text in JSON, with every character written as two escaped surrogates (12 bytes).
MAX_FRAME_BYTES = 1_310_720
