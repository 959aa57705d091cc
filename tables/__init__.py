"""The database as Piccolo tables. Imports nothing from app/; only app/use_cases (and the tests' builders) import it."""
