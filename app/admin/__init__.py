"""The admin pages: Piccolo Admin at /admin. Only `app/application.py` imports this package, if ADMIN is true."""
