"""The load generator: many WebSocket clients in one process.

Its clients are as cheap as Python allows. They share two cores with the server, so their cost
lowers the results.
"""
