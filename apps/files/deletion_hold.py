"""The lock that keeps objects from being deleted."""

# Held by a backup, in exclusive mode: the objects that its rows name stay until it has copied them.
# An object that a pass has claimed before was doomed before, and so is in no backup.
HOLD_NUMBER = 7_046_001
