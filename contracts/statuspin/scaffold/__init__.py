"""A first pins.yaml for an API that has none."""
