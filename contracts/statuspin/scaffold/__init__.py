"""Write a first pins.yaml for an API."""
