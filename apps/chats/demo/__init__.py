"""A small, believable workspace to look at: `manage.py demo`."""
