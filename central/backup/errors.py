"""What can be wrong with a backup or with the place it is to go, as sentences."""

from central.errors import MinyiError


class BackupRefused(MinyiError):
    """The file is no backup of ours, was changed or cut off, or comes from another installation or a newer program."""

    status = 422


class PlaceRefused(MinyiError):
    """The place to restore to holds something already, is in use, or cannot take a backup."""

    status = 409
