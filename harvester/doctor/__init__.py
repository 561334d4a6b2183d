"""What is wrong with this machine or this database, and what to do: facts are gathered, then judged by pure rules."""
