"""The plugins that come with Parley. Each is an app as anybody may write one (docs/plugins.md)."""
