"""One module per command. Exit status of each: 0 without findings, 1 with findings, 2 if it could not run."""
