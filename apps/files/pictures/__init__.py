"""Conversion of untrusted pictures into the forms that people see.

`converter` starts a limited process for each picture, which runs `process`. The other modules run
in that process only. They import neither Django nor the rest of the product, so that it starts
fast.
"""
