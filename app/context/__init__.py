"""What an organization knows about itself: its processes, roles and systems. Optional, by settings."""
