"""Scores of whole interviews: `python -m tests.judge`. See docs/explanation/interview-quality.md."""
