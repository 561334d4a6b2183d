"""Which files are ours, and how new their schema is: read at every opening, so free of imports."""

APPLICATION_ID = 0x68727673  # "hrvs": tells our files from anybody else's SQLite file
LATEST = 5  # user_version after the newest migration; an older harvester refuses a larger one
