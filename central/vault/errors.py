"""What can be wrong with keys and sealed things, as sentences."""

from central.errors import MinyiError


class KeyGone(MinyiError):
    """The data key was destroyed: what it sealed is erased for good."""

    status = 410


class SealBroken(MinyiError):
    """What is stored was changed, moved from another place, or sealed by another installation."""

    status = 500


class KeyUnknown(SealBroken):
    """The key store never had this key: it is not the store that belongs to this database."""


class MasterProblem(MinyiError):
    """The master key is missing, unreadable, open to others, or not the one that is needed."""

    status = 500


class BadShare(MinyiError):
    """A share of the master key was mistyped, or two do not belong together."""

    status = 422
