"""The local issuer's private keys: one RSA key a file, 0001.pem, 0002.pem, … in a folder; the highest number signs.

Every key in the folder verifies. To rotate, drop in the next number; to retire a key, delete its file once the tokens
that it signed have expired.
"""

import os
import re
import shlex
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey, generate_private_key

from app.identity.jwks import LEAST_BITS, thumbprint

_NUMBERED = re.compile(r"[0-9]+\.pem")
_OPEN_TO_OTHERS = 0o077

Fingerprint = frozenset[tuple[str, int, int]]
"""What a folder of keys looks like from outside: name, inode and time of last change of each file."""


class KeysUnusable(RuntimeError):
    """The signing keys cannot be used: one line that names the file, what is wrong with it and how to mend it."""


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A private key and the id that tokens name it by."""

    kid: str
    private: RSAPrivateKey = field(repr=False, compare=False)  # the id follows from it

    @property
    def public(self) -> RSAPublicKey:
        """What verifies this key's signatures."""
        return self.private.public_key()


def read_or_make(folder: Path) -> tuple[SigningKey, ...]:
    """Every key of the folder, lowest number first: the last one signs.

    Where there is none, the first is made; several processes that do so at once get the same one. A folder that is
    missing is made for the owner alone; the mode of what exists is never changed. Raises KeysUnusable.
    """
    with _refusing(folder):
        if not _files(folder):
            _make_first(folder)
        return tuple(_read(path) for path in sorted(_files(folder), key=_number))


def fingerprint(folder: Path) -> Fingerprint:
    """Equal as long as no key was added, removed, replaced or had its mode changed. Raises KeysUnusable."""
    with _refusing(folder):
        found = [(path.name, path.stat()) for path in _files(folder)]
    return frozenset((name, status.st_ino, status.st_ctime_ns) for name, status in found)


@contextmanager
def _refusing(folder: Path) -> Iterator[None]:
    """Turn what the file system refuses into KeysUnusable."""
    try:
        yield
    except OSError as error:
        raise KeysUnusable(f"{error.filename or folder}: {error.strerror}; JWT_KEY_DIR names another folder") from error


def _files(folder: Path) -> list[Path]:
    if not folder.exists():
        return []
    return [path for path in folder.iterdir() if _NUMBERED.fullmatch(path.name)]


def _number(path: Path) -> tuple[int, str]:
    return int(path.stem), path.name


def _make_first(folder: Path) -> None:
    """Write 0001.pem whole or not at all; where another process was faster, its key stays."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    pem = generate_private_key(public_exponent=65537, key_size=LEAST_BITS).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    descriptor, draft = tempfile.mkstemp(prefix=".draft-", dir=folder)  # mode 0600 whatever the umask
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(pem)
            file.flush()
            os.fsync(file.fileno())
        os.link(draft, folder / "0001.pem")
    except FileExistsError:
        return
    finally:
        Path(draft).unlink()


def _read(path: Path) -> SigningKey:
    with path.open("rb") as file:
        if os.fstat(file.fileno()).st_mode & _OPEN_TO_OTHERS:
            raise KeysUnusable(f"{path}: others than its owner may use this private key; chmod 600 {_quoted(path)}")
        pem = file.read()
    try:
        key = serialization.load_pem_private_key(pem, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise KeysUnusable(
            f"{path}: no unencrypted private key in PEM; replace it, or delete it to do without"
        ) from error
    if not isinstance(key, RSAPrivateKey) or key.key_size < LEAST_BITS:
        raise KeysUnusable(
            f"{path}: no RSA key of at least {LEAST_BITS} bits; openssl genrsa -out {_quoted(path)} {LEAST_BITS}"
        )
    return SigningKey(thumbprint(key.public_key()), key)


def _quoted(path: Path) -> str:
    return shlex.quote(str(path))
