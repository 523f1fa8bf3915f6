"""Texts of other chat servers, as Parley stores them: their markup, and their names of emoji."""
