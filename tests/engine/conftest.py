"""What all tests of the engine share: hypothesis never judges by the speed of the machine."""

from hypothesis import settings

settings.register_profile("sparkdr", deadline=None)
settings.load_profile("sparkdr")
