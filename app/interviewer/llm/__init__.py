"""The interviewer that asks a language model. Imported only if INTERVIEWER=llm."""
