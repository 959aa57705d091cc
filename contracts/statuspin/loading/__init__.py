"""Documents as they are read: from wherever they are, in whatever files, of the right shape."""
