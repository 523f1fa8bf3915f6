"""The rows of the table by subject. `run` returns rows, and the results they are based on."""
