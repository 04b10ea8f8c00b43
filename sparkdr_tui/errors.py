"""The one exception that people see; the command line prints it, screens show it."""


class SparkdrError(Exception):
    """Something a person can act on.

    Args:
        message: one clear line: what is wrong.
        hint: what would be right, or what to do; empty when there is nothing to add.
    """

    exit_code = 1

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message}\n{self.hint}" if self.hint else self.message


class UsageError(SparkdrError):
    """Wrong usage or a wrong plan; nothing was done."""

    exit_code = 2


class HeldError(SparkdrError):
    """Another operator holds the run."""

    exit_code = 3
