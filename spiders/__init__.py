"""The sources: one file each, and nothing else. A file that is deleted takes only its source with it."""
