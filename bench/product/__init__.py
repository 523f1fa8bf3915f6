"""The product as a thing to be measured."""
