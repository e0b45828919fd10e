"""Where this computer's secrets lie: the device key and the proof keys, in files that their owner alone reads.

A key store of the system or a TPM takes the device key's place behind `Signer` later.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import msgspec

from volact.client import files
from volact.credential.encoding import b64, unb64
from volact.credential.keys import Signer, SoftwareSigner
from volact.errors import Damaged, Malformed

_DEVICE, _PROOF = "device.key", "proof.key"


@dataclass(frozen=True, slots=True)
class Vault:
    """The secrets of one home."""

    folder: Path
    random: Callable[[int], bytes]

    def device(self) -> Signer | None:
        """The device key, None where there is none yet; raises Damaged."""
        seed = files.read(self.folder / _DEVICE)
        if seed is None:
            return None
        if len(seed) != 32:
            raise Damaged(f"{self.folder / _DEVICE} does not hold a key", file=str(self.folder / _DEVICE))
        return SoftwareSigner(seed)

    def make_device(self) -> Signer:
        """Makes the device key anew, on disk when this returns."""
        seed = self.random(32)
        files.write(self.folder / _DEVICE, seed, mode=files.SECRET)
        return SoftwareSigner(seed)

    def proof(self, keyid: str) -> bytes | None:
        """The proof key of an installed key, None once it is used up; raises Damaged."""
        text = self._proofs().get(keyid)
        try:
            return None if text is None else unb64(text)
        except Malformed as err:
            raise self._damaged() from err

    def keep_proof(self, keyid: str, proof_key: bytes) -> None:
        """Keeps the proof key of a key that was installed; a damaged file is made anew."""
        try:
            proofs = self._proofs()
        except Damaged:
            proofs = {}
        self._write(proofs | {keyid: b64(proof_key)})

    def drop_proof(self, keyid: str | None) -> None:
        """Deletes the proof key of a key, if it is there."""
        proofs = self._proofs()
        if keyid in proofs:
            self._write({name: text for name, text in proofs.items() if name != keyid})

    def clear(self) -> None:
        """Deletes every secret."""
        files.remove(self.folder / _DEVICE)
        files.remove(self.folder / _PROOF)

    def _proofs(self) -> dict[str, str]:
        body = files.read(self.folder / _PROOF)
        try:
            return {} if body is None else msgspec.json.decode(body, type=dict[str, str])
        except msgspec.DecodeError as err:
            raise self._damaged() from err

    def _write(self, proofs: dict[str, str]) -> None:
        if proofs:
            files.write(self.folder / _PROOF, msgspec.json.encode(proofs), mode=files.SECRET)
        else:
            files.remove(self.folder / _PROOF)

    def _damaged(self) -> Damaged:
        path = str(self.folder / _PROOF)
        return Damaged(f"{path} does not hold proof keys", file=path)
