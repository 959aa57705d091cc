"""What was observed beside what was promised: statuses, the coverage criteria, the transcript."""
