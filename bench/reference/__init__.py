"""What the product is compared with: the stock way, and the least that any server can do."""
