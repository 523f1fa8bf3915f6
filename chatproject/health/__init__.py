"""The health of a deployment: its components, the work that waits, and what a doctor says of it."""
