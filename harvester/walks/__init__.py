"""What sources ask for, how far they have read, and where they go on. Pure."""
