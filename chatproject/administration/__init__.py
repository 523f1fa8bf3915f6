"""The Django admin of the product: its site, its words, and the overview that it opens on."""
