"""The admin pages: Piccolo Admin at /admin. Only app/application.py mounts them, and only where ADMIN is true."""
