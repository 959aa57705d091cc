"""The Piccolo tables. They do not import app/, and in app/ only the use cases import them."""
