"""Requests as they are sent and answers as they come: the only room that talks HTTP, fuzzing aside."""
