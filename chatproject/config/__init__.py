"""Settings of an operator: declared in `table`, read from the environment, listed in documents.

Nothing here imports Django, because the supervisor (`chatproject.run`) reads settings too.
"""
