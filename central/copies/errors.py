"""What can go wrong while following a database."""

from central.errors import MinyiError


class Lost(Exception):
    """What was committed since the last piece cannot be told for certain any more: a new base is needed."""


class SourceProblem(MinyiError):
    """The database or one of its programs did not give what was asked for; to be tried again."""

    status = 503
