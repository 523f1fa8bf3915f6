"""Why a picture was not converted."""


class PictureError(Exception):
    """Base class: the file can still be shown as a plain file."""


class NotAPicture(PictureError):
    """The file is broken, or of a format that is not allowed."""


class TooLarge(PictureError):
    """The picture has too many pixels or frames."""


class ConversionFailed(PictureError):
    """The process crashed, or used up its time or memory."""
