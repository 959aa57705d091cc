"""What an interview resulted in: computed from its messages, without a language model, and with nothing invented."""
