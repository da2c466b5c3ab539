"""Handlers are imported here, and no AWS is ever asked."""

from tests.fakes import handler_settings

handler_settings.set_up()
