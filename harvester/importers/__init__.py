"""Files people already hold, read into drafts."""
