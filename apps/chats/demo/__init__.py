"""A small, realistic workspace to look at: `manage.py demo`."""
