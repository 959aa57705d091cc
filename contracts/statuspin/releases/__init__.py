"""Frozen contracts: made once, never edited, and still kept by today's build."""
