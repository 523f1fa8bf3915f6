"""Plugins: Django apps of other distributions that add to Parley. docs/plugins.md is for those who
write one; `contract` has all that a plugin declares."""
