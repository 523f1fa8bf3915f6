"""Many clients of a server, as cheap as Python allows: for `manage.py loadcheck` and `bench/`.

Load processes import no Django, which would make them larger and slower.
"""
