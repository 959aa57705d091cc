"""One module per command; each says with its exit status what it found: 0 nothing wrong, 1 findings."""
