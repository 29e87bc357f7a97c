from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import pytest

from training.config import FitConfig, as_toml, read_settings
from training.errors import ConfigError


def test_settings_come_from_a_file(tmp_path: Path) -> None:
    path = tmp_path / "fit.toml"
    path.write_text('architecture = "residual"\nlearning-rate = 1\nchannels = [4, 8]\nlimit = 9\n')
    config = FitConfig(**read_settings(path))
    assert config == FitConfig("residual", learning_rate=1.0, channels=(4, 8), limit=9)
    assert isinstance(config.learning_rate, float)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("epochs = ", "TOML"),
        ("epoch = 3", "no setting 'epoch'|has no setting"),
        ('epochs = "3"', "epochs = '3' is no int"),
        ("augment = 1", "augment = 1 is no bool"),
        ("seed = true", "seed = True is no int"),
        ('limit = "200"', "limit = '200' is no int"),
        ("limit = 100.5", "limit = 100.5 is no int"),
        ("batch-size = 8\nbatch_size = 16", "has batch_size twice"),
        ("held-back-share = 1", "held_back_share = 1.0 is no share"),
        ("held-back-share = 0", "held_back_share = 0.0 is no share"),
        ("warmup-share = nan", "warmup_share = nan is no share"),
    ],
)
def test_faults_are_named(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "fit.toml"
    path.write_text(text)
    with pytest.raises(ConfigError, match=message):
        read_settings(path)
    with pytest.raises(ConfigError, match=r"none\.toml"):
        read_settings(tmp_path / "none.toml")


def test_settings_can_be_written_and_read_again(tmp_path: Path) -> None:
    config = FitConfig("tuned", filters=(32, 64), learning_rate=1e-7, augment=False)
    (tmp_path / "fit.toml").write_text(as_toml(asdict(config)))
    assert FitConfig(**read_settings(tmp_path / "fit.toml")) == config
