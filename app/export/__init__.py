"""Exports of an interview as something else than JSON: pure text, made of what the use case found."""
