"""Compare the observed responses with the documented ones: statuses, coverage criteria and the transcript."""
