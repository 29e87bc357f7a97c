"""Find labelled pictures in a folder per class, such as Kaggle's folder version of FER2013."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from emotion_core.files import hash_file
from emotion_core.labels import EMOTIONS
from emotion_core.media.kinds import is_still
from training.data.dataset import USAGES
from training.errors import DatasetError

CLASS_NAMES: Final[dict[str, tuple[str, ...]]] = {
    "angry": ("angry", "anger"),
    "disgust": ("disgust", "disgusted"),
    "fear": ("fear", "fearful", "afraid"),
    "happy": ("happy", "happiness"),
    "sad": ("sad", "sadness"),
    "surprise": ("surprise", "surprised"),
    "neutral": ("neutral",),
}
"""Names of class folders; case, blanks, hyphens and underscores do not count."""

SPLIT_NAMES: Final[dict[str, tuple[str, ...]]] = {
    "Training": ("train", "training"),
    "PublicTest": ("test", "publictest", "val", "valid", "validation"),
    "PrivateTest": ("privatetest",),
}
"""Names of split folders, alike."""

_NO_DATA: Final = frozenset({"thumbs.db", "desktop.ini", "__macosx"})
"""What operating systems leave in folders, beside names that begin with a dot."""


@dataclass(frozen=True)
class LabelledPicture:
    """A picture in the folder of its class.

    Parameters
    ----------
    path : Path
    emotion : int
        Index into ``EMOTIONS``.
    usage : int or None
        Index into `USAGES`; None where there are no split folders.
    """

    path: Path
    emotion: int
    usage: int | None


@dataclass(frozen=True)
class ClassFolder:
    """Pictures in folders named by emotion.

    Parameters
    ----------
    path : Path
    pictures : tuple of LabelledPicture
        At least one; by split, class and name.
    """

    path: Path
    pictures: tuple[LabelledPicture, ...]

    @property
    def has_splits(self) -> bool:
        """Whether the class folders lie in split folders."""
        return self.pictures[0].usage is not None

    def name_of(self, picture: LabelledPicture) -> str:
        """Path of a picture below the folder, with slashes; what is not UTF-8 is escaped."""
        name = picture.path.relative_to(self.path).as_posix()
        return name.encode("utf-8", "backslashreplace").decode()

    def sha256(self) -> str:
        """Hash over split, class, file name and content of every picture, in hexadecimal.

        Raises
        ------
        DatasetError
            If a file cannot be read.
        """
        digest = hashlib.sha256()
        for picture in self.pictures:
            split = "" if picture.usage is None else USAGES[picture.usage]
            try:
                content = hash_file(picture.path)
            except OSError as error:
                raise _unreadable(picture.path, error) from error
            name = f"{split}/{EMOTIONS[picture.emotion]}/{picture.path.name}"
            digest.update(f"{name}\0{content}\n".encode("utf-8", "surrogateescape"))
        return digest.hexdigest()


def list_class_folder(path: Path) -> ClassFolder:
    """Find the pictures of a folder per class, which may lie below a folder per split.

    Parameters
    ----------
    path : Path
        Holds folders of `CLASS_NAMES`, or folders of `SPLIT_NAMES` that hold those.

    Raises
    ------
    DatasetError
        With the file or folder that cannot be used: a name that stands for no class, two that
        stand for one, a picture outside a class folder, something else than a picture within
        one, or no picture at all.
    """
    folders = _folders_in(path)
    if any(_meaning(folder.name, SPLIT_NAMES) is not None for folder in folders):
        splits = _by_meaning(folders, SPLIT_NAMES, "split")
        pictures = [
            picture
            for usage, name in enumerate(USAGES)
            if name in splits
            for picture in _pictures_by_class(_folders_in(splits[name]), usage)
        ]
    else:
        pictures = _pictures_by_class(folders, None)
    if not pictures:
        raise DatasetError(path, f"holds no pictures in folders named by {_accepted(CLASS_NAMES)}")
    return ClassFolder(path, tuple(pictures))


def _pictures_by_class(folders: Iterable[Path], usage: int | None) -> list[LabelledPicture]:
    classes = _by_meaning(folders, CLASS_NAMES, "emotion")
    return [
        LabelledPicture(path, EMOTIONS.index(name), usage)
        for name in EMOTIONS
        if name in classes
        for path in _pictures_in(classes[name])
    ]


def _pictures_in(folder: Path) -> list[Path]:
    entries = _entries(folder)
    for entry in entries:
        if entry.is_dir():
            raise DatasetError(entry, "is a folder within the folder of a class: move it away")
        if not is_still(entry):
            raise DatasetError(entry, "is not named as a picture is: convert it or leave it out")
    return entries


def _folders_in(path: Path) -> list[Path]:
    entries = _entries(path)
    for entry in entries:
        if is_still(entry) and not entry.is_dir():
            raise DatasetError(entry, "is a picture that lies in no folder of a class")
    return [entry for entry in entries if entry.is_dir()]


def _entries(folder: Path) -> list[Path]:
    """What is in a folder, by name, without what operating systems leave there."""
    try:
        entries = sorted(folder.iterdir(), key=lambda entry: entry.name)
    except OSError as error:
        raise _unreadable(folder, error) from error
    return [e for e in entries if not e.name.startswith(".") and e.name.lower() not in _NO_DATA]


def _by_meaning(
    folders: Iterable[Path], names: Mapping[str, tuple[str, ...]], kind: str
) -> dict[str, Path]:
    found: dict[str, Path] = {}
    for folder in folders:
        meaning = _meaning(folder.name, names)
        if meaning is None:
            message = f"is named after no {kind}; accepted are {_accepted(names)}"
            raise DatasetError(folder, message)
        if meaning in found:
            message = f"stands for {meaning}, as {found[meaning].name} does: keep or rename one"
            raise DatasetError(folder, message)
        found[meaning] = folder
    return found


def emotion_named(name: str) -> int | None:
    """Index into ``EMOTIONS`` of a name of `CLASS_NAMES`; None for any other."""
    meaning = _meaning(name, CLASS_NAMES)
    return None if meaning is None else EMOTIONS.index(meaning)


def _meaning(name: str, names: Mapping[str, tuple[str, ...]]) -> str | None:
    plain = "".join(letter for letter in name.casefold() if letter not in " -_")
    return next((meaning for meaning, accepted in names.items() if plain in accepted), None)


def _accepted(names: Mapping[str, tuple[str, ...]]) -> str:
    return ", ".join(name for accepted in names.values() for name in accepted)


def _unreadable(path: Path, error: OSError) -> DatasetError:
    return DatasetError(path, f"cannot be read: {error.strerror or error}")
