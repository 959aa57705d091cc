"""What an interview resulted in: computed from its messages, or found by the interviewer, with nothing invented."""
