"""Present the record of a run: as a self-contained HTML page, a badge or a report in any format."""
