"""Load documents from files, git revisions, URLs and standard input, check their shape and resolve references."""
