"""Files of public data: a local copy first, the network second."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from cosearch.errors import CosearchError
from cosearch.quiet import quiet

VARIABLE = "COSEARCH_DATA"


def local_copy(names: Iterable[str]) -> Path | None:
    """The first of `names` that the folder in COSEARCH_DATA holds, or None."""
    folder = os.environ.get(VARIABLE)
    if not folder:
        return None
    if not Path(folder).is_dir():
        raise CosearchError(f"{VARIABLE} = {folder!r}: no such folder")
    paths = (Path(folder) / name for name in names)
    return next((path for path in paths if path.is_file()), None)


def download(url: str, known_hash: str, name: str = "") -> Path:
    """Fetch into the user's cache and check the hash; a file already there is not fetched again.

    `known_hash` names its algorithm: "md5:..." or "sha256:...". In the cache it has `name`, or the
    URL's last part.
    """
    by_hand = f"put the file into a folder and name the folder in {VARIABLE}"
    try:
        import pooch
    except ModuleNotFoundError as error:
        raise CosearchError(
            f"downloading {url} needs pooch: pip install 'cosearch[data]', or {by_hand}"
        ) from error
    try:
        with quiet():
            name = name or url.rsplit("/", 1)[1]
            return Path(pooch.retrieve(url, known_hash, name, pooch.os_cache("cosearch")))
    except (OSError, ValueError) as error:
        raise CosearchError(f"cannot download {url} ({_first_line(error)}): {by_hand}") from error


def check_md5(path: Path, md5: str) -> Path:
    """Return `path` if its hash is `md5`."""
    import pooch

    found = pooch.file_hash(str(path), alg="md5")
    if found != md5:
        raise CosearchError(f"{path} has md5 {found}: expected {md5}, a damaged or other file")
    return path


def _first_line(error: Exception) -> str:
    text = str(error).splitlines()[0] if str(error) else type(error).__name__
    return text if len(text) < 120 else type(error).__name__
