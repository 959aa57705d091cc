"""Create rows of pins.yaml from recorded requests: files, or the traffic of a reverse proxy."""
