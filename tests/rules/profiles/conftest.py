"""Profiles as files, and what is wrong with them."""

from collections.abc import Callable
from pathlib import Path

import pytest

from cptkit.errors import BrokenProfile
from cptkit.rules import Profile, load_profile

HEAD = 'format = 1\nid = "mine"\ntitle = "Our practice"\nbasis = "cpt"\n'


@pytest.fixture
def profile_file(tmp_path) -> Callable[..., Path]:
    """A profile of a head that is right and what is given, in a file ``mine.toml``."""

    def write(text: str = "", *, head: str = HEAD) -> Path:
        file = tmp_path / "mine.toml"
        file.write_text(head + text, encoding="utf-8")
        return file

    return write


@pytest.fixture
def profile(profile_file) -> Callable[..., Profile]:
    """The profile of such a file."""
    return lambda text="", *, head=HEAD: load_profile(profile_file(text, head=head))


@pytest.fixture
def complaint(profile_file) -> Callable[..., str]:
    """What is said of such a file, from its name on."""

    def complain(text: str = "", *, head: str = HEAD) -> str:
        file = profile_file(text, head=head)
        with pytest.raises(BrokenProfile) as raised:
            load_profile(file)
        return str(raised.value).replace(str(file), file.name)

    return complain
