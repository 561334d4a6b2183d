"""What belongs together: copies of one text, parts of one thread, links between posts."""
