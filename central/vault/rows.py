"""Rows that own a data key, given to them when they are first written."""

from typing import ClassVar

from sqlalchemy import event
from sqlalchemy.orm import Session as SaSession
from sqlalchemy.orm import UOWTransaction

from central.vault.vault import Vault

#: Of a column that follows from others or from the key ring: the log does not hold it, it may change without an event.
NOT_LOGGED = {"info": {"logged": False}}


class KeyOwner:
    """Base of tables whose rows have a data key of their own in `key_id`; what belongs to the row is sealed with it."""

    __owns_key__: ClassVar[bool] = True


def vault_of(s: SaSession) -> Vault:
    """Return the session's vault; raise `RuntimeError` if it was opened without one."""
    found = s.info.get("vault")
    if not isinstance(found, Vault):
        msg = "this session has no vault: make its engine with make_engine(url, vault=...)"
        raise RuntimeError(msg)  # noqa: TRY004 it is not the caller's type that is wrong
    return found


def _give_keys(s: SaSession, _context: UOWTransaction, _instances: object) -> None:
    for row in s.new:
        if isinstance(row, KeyOwner) and getattr(row, "key_id", None) is None:
            row.key_id = vault_of(s).new_key()  # type: ignore[attr-defined]


event.listen(SaSession, "before_flush", _give_keys)
