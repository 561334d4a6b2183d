"""Every error harvester raises on purpose.

HarvestError                 one line at the command line, exit code on the class
├── ConfigError              an event file, option or environment variable is wrong           2
├── InputError               a file to import or extract cannot be read as what it should be  2
├── NotFoundError            an event, post, author or snapshot that does not exist           2
├── StorageError             the database cannot be used                                      70
│   ├── ForeignDatabase      an SQLite file that is not ours, or no SQLite file at all        2
│   ├── Unopenable           permissions, a missing folder, nothing in it to read             2
│   ├── NewerDatabase        written by a newer harvester                                     2
│   ├── Damaged              the file is no longer what was written into it                   70
│   ├── StorageBusy          another writer held the lock longer than we wait                 75
│   └── DiskFull             no space, or an I/O error while writing                          74
├── Locked                   another harvest command holds this database                      75
├── CredentialsError         a service refused our key                                        77
└── ParseFailed              bytes that could not be read in time or at all (carries a state) 1

`exit_code` follows sysexits.h where it has a word for it (`docs/operating.md`).
"""


class HarvestError(Exception):
    """Root: its text is the whole message a user sees, and names the repair."""

    exit_code = 1


class ConfigError(HarvestError):
    """A setting is wrong. `problems` lists every one found, each naming file, key and repair."""

    exit_code = 2

    def __init__(self, message: str, problems: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.problems = problems


class InputError(HarvestError):
    """A file given by the user cannot be read as what it should be. `problems` lists several, each with its line."""

    exit_code = 2

    def __init__(self, message: str, problems: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.problems = problems


class NotFoundError(HarvestError):
    """The thing asked for is not in the database."""

    exit_code = 2


class StorageError(HarvestError):
    """The database cannot be used as it is."""

    exit_code = 70


class ForeignDatabase(StorageError):
    """The file exists and is not a harvester database."""

    exit_code = 2


class Unopenable(StorageError):
    """This user cannot open the file so: permissions, a missing folder, an old or empty file opened only to read."""

    exit_code = 2


class NewerDatabase(StorageError):
    """The database was migrated by a newer harvester than this one."""

    exit_code = 2


class Damaged(StorageError):
    """The file is ours and is no longer what was written into it."""


class StorageBusy(StorageError):
    """Another connection kept its write lock longer than the busy timeout."""

    exit_code = 75


class DiskFull(StorageError):
    """SQLite reported a full disk or an I/O error; the transaction was rolled back."""

    exit_code = 74


class Locked(HarvestError):
    """Another harvest command is working on this database."""

    exit_code = 75


class CredentialsError(HarvestError):
    """A service answered 401 or 403 to our credentials."""

    exit_code = 77


class ParseFailed(HarvestError):
    """Bytes that could not be turned into drafts; `state` is one of `harvester.model.FETCH_STATES`."""

    def __init__(self, state: str, detail: str = "") -> None:
        super().__init__(f"{state}: {detail}" if detail else state)
        self.state = state
        self.detail = detail
