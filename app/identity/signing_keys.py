"""The private keys of the local issuer, one RSA key per file: 0001.pem, 0002.pem and so on.

The key with the highest number signs, and all of them verify. To rotate the key, add a file with the next number. To
retire a key, delete its file after the tokens that it signed have expired.
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

from app.identity.jwks import MIN_KEY_SIZE, thumbprint

_KEY_FILE = re.compile(r"[0-9]+\.pem")
_GROUP_AND_OTHERS = 0o077

Fingerprint = frozenset[tuple[str, int, int]]
"""Name, inode and change time (nanoseconds) of each key file."""


class SigningKeyError(RuntimeError):
    """The signing keys cannot be used. The message names the file, the problem and the fix in one line."""


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A private key and its id."""

    kid: str
    private: RSAPrivateKey = field(repr=False, compare=False)  # Equal ids mean equal keys.

    @property
    def public(self) -> RSAPublicKey:
        """The public key that verifies signatures of this key."""
        return self.private.public_key()


def load_or_create_keys(folder: Path) -> tuple[SigningKey, ...]:
    """Return the keys in the folder by ascending number, and create the first one if the folder has no key.

    Processes that create it at the same time get the same key. A missing folder is created with mode 0700. Modes of
    existing files and folders are not changed. Raises SigningKeyError.
    """
    with _convert_os_error(folder):
        if not _key_files(folder):
            _create_first_key(folder)
        return tuple(_load_key(path) for path in sorted(_key_files(folder), key=_number))


def fingerprint(folder: Path) -> Fingerprint:
    """Return a value that changes if a key file is added, removed, replaced or gets another mode.

    Raises SigningKeyError.
    """
    with _convert_os_error(folder):
        files = [(path.name, path.stat()) for path in _key_files(folder)]
    return frozenset((name, status.st_ino, status.st_ctime_ns) for name, status in files)


@contextmanager
def _convert_os_error(folder: Path) -> Iterator[None]:
    """Raise SigningKeyError for an OSError."""
    try:
        yield
    except OSError as error:
        raise SigningKeyError(
            f"{error.filename or folder}: {error.strerror}; set JWT_KEY_DIR to use another folder"
        ) from error


def _key_files(folder: Path) -> list[Path]:
    if not folder.exists():
        return []
    return [path for path in folder.iterdir() if _KEY_FILE.fullmatch(path.name)]


def _number(path: Path) -> tuple[int, str]:
    return int(path.stem), path.name


def _create_first_key(folder: Path) -> None:
    """Write 0001.pem atomically. If another process was faster, its key stays."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    pem = generate_private_key(public_exponent=65537, key_size=MIN_KEY_SIZE).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    descriptor, draft = tempfile.mkstemp(prefix=".draft-", dir=folder)  # mode 0600
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


def _load_key(path: Path) -> SigningKey:
    with path.open("rb") as file:
        if os.fstat(file.fileno()).st_mode & _GROUP_AND_OTHERS:
            raise SigningKeyError(
                f"{path}: other users can access this private key; chmod 600 {shlex.quote(str(path))}"
            )
        pem = file.read()
    try:
        key = serialization.load_pem_private_key(pem, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise SigningKeyError(f"{path}: not an unencrypted private key in PEM; replace or delete it") from error
    if not isinstance(key, RSAPrivateKey) or key.key_size < MIN_KEY_SIZE:
        raise SigningKeyError(
            f"{path}: not an RSA key of at least {MIN_KEY_SIZE} bits; "
            f"openssl genrsa -out {shlex.quote(str(path))} {MIN_KEY_SIZE}"
        )
    return SigningKey(thumbprint(key.public_key()), key)
