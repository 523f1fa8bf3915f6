"""The load program: many WebSocket clients in one process, as cheap as Python lets them be.

It shares two cores with the server it measures, so what it costs is taken from the figure.
"""
