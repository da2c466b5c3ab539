"""Settings of the plane: only this machine is loopback."""

from __future__ import annotations

from pathlib import Path

import pytest

from sagemaker_local.settings import SettingsError, is_loopback, read_settings


class TestSettings:
    @pytest.mark.parametrize(
        ("url", "expected"),
        [
            ("http://127.0.0.1:4566", True),
            ("http://127.9.9.9", True),
            ("http://localhost:1", True),
            ("https://[::1]:1", True),
            ("http://localhost.example.com", False),
            ("http://127.0.0.1.nip.io", False),
            ("http://127.0.0.1@example.com", False),
            ("http://0.0.0.0:4566", False),
            ("127.0.0.1:4566", False),
            ("file:///etc/passwd", False),
            ("", False),
        ],
    )
    def test_only_this_machine_is_loopback(self, url: str, expected: bool) -> None:
        assert is_loopback(url) is expected

    def test_events_go_to_loopback_alone_too(self, tmp_path: Path) -> None:
        environment = {
            "AWS_ENDPOINT_URL": "http://127.0.0.1:1",
            "SAGEMAKER_LOCAL_EVENTS_URL": "http://example.com",
        }
        with pytest.raises(SettingsError, match="SAGEMAKER_LOCAL_EVENTS_URL is"):
            read_settings(environment, tmp_path)
