"""Secrets at rest: always enciphered in the database, with the server's own key when there is one.

Without ``chorus_pro_encryption_keys`` in the server's configuration the key comes from the database's
own secret: that keeps secrets out of SQL logs and partial exports, not out of a full dump. With it, a
dump alone is of no use. Several keys are separated by commas: the first enciphers, all decipher, so that
a new key is put first, stored secrets are enciphered again by the daily check, and the old one goes.
"""

import base64
import hashlib

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from .chorus_server_config import option_list
from .parameters import parameter

MIN_KEY_LENGTH = 32


class WeakKey(ValueError):
    """A key of the configuration is too short to protect anything."""


def encrypt(env, text):
    """Return ``text`` enciphered with the first key, as ASCII."""
    return _fernet(env).encrypt(text.encode()).decode()


def decrypt(env, cipher):
    """Return the text of ``cipher``; ``''`` when there is none; ``None`` when no known key opens it."""
    if not cipher:
        return ""
    try:
        return _fernet(env).decrypt(cipher.encode()).decode()
    except (InvalidToken, WeakKey):
        return None


def rotate(env, cipher):
    """Return ``cipher`` as the first key would have it now, unchanged when it is so or cannot be read."""
    try:
        _fernets(env)[0].decrypt(cipher.encode())
    except InvalidToken:
        text = decrypt(env, cipher)
        return encrypt(env, text) if text is not None else cipher
    except WeakKey:
        return cipher
    return cipher


def _fernet(env):
    return MultiFernet(_fernets(env))


def _fernets(env):
    """The configured keys, then the database's own, which only has to open what older settings closed."""
    keys = option_list("encryption_keys")
    if any(len(key) < MIN_KEY_LENGTH for key in keys):
        raise WeakKey("chorus_pro_encryption_keys")
    database_secret = parameter(env, "database.secret")
    return [_fernet_of(key) for key in (*keys, f"database:{database_secret}")]


def _fernet_of(key):
    digest = hashlib.sha256(b"l10n_fr_chorus_pro:" + key.encode()).digest()
    return Fernet(base64.urlsafe_b64encode(digest))
