"""What can stop a platform from being served."""


class PlatformError(Exception):
    """A platform cannot be served as it is set up; the message is one line that names the setting."""
