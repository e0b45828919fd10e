"""What every vault promises; a later one (PKCS#11) joins the list and passes the same tests."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from volact.credential.keys import SoftwareSigner
from volact.errors import Damaged
from volact.service.ports import Vault
from volact.service.vault import SealedVault, ThrowawayVault

MAKERS: dict[str, Callable[[Path], Vault]] = {
    "throwaway": lambda path: ThrowawayVault(),
    "sealed": lambda path: SealedVault.create(path / "vault", path / "seal.key"),
}


@pytest.fixture(params=MAKERS)
def vault(request: pytest.FixtureRequest, tmp_path: Path) -> Vault:
    """Each vault in turn."""
    return MAKERS[request.param](tmp_path)


def test_a_key_is_found_by_its_thumbprint(vault: Vault) -> None:
    """A key that the vault made is found by its thumbprint, and no other is found."""
    made = vault.make()
    found = vault.signer(made.public.kid)
    assert found is not None
    assert found.public == made.public
    assert vault.signer(SoftwareSigner(os.urandom(32)).public.kid) is None


def test_signatures_hold_and_repeat(vault: Vault) -> None:
    """A signature holds under the key's public half, and the same message gives the same 64 bytes."""
    made = vault.make()
    signature = made.sign(b"what is on record")
    assert made.public.verify(signature, b"what is on record")
    assert not made.public.verify(signature, b"something else")
    assert made.sign(b"what is on record") == signature
    assert len(signature) == 64


def test_keys_are_different(vault: Vault) -> None:
    """No two keys that a vault makes are the same."""
    assert len({vault.make().public.kid for _ in range(20)}) == 20


def test_the_envelope_opens_for_its_subject_only(vault: Vault) -> None:
    """What is sealed for one subject opens for that subject, and for no other, and not when it was changed."""
    sealed = vault.envelope.seal(b"secret", "60MJ0MCZC4")
    assert b"secret" not in sealed
    assert vault.envelope.open(sealed, "60MJ0MCZC4") == b"secret"
    assert vault.envelope.seal(b"secret", "60MJ0MCZC4") != sealed
    changed = sealed[:-1] + bytes([sealed[-1] ^ 1])
    for data, subject in ((sealed, "07GYQS18EV"), (changed, "60MJ0MCZC4"), (b"", "60MJ0MCZC4")):
        with pytest.raises(Damaged):
            vault.envelope.open(data, subject)


def test_a_sealed_vault_survives_the_process(tmp_path: Path) -> None:
    """A sealed vault that is opened again signs the same bytes and opens what was sealed before."""
    first = SealedVault.create(tmp_path / "vault", tmp_path / "seal.key")
    made, sealed = first.make(), first.envelope.seal(b"secret", "subject")
    again = SealedVault.open(tmp_path / "vault", tmp_path / "seal.key")
    found = again.signer(made.public.kid)
    assert found is not None
    assert found.sign(b"message") == made.sign(b"message")
    assert again.envelope.open(sealed, "subject") == b"secret"
    late = first.make()
    assert again.signer(late.public.kid) is not None


def test_nothing_in_a_sealed_vault_is_readable(tmp_path: Path) -> None:
    """Every file of a sealed vault is its owner's alone."""
    SealedVault.create(tmp_path / "vault", tmp_path / "seal.key").make()
    files = [tmp_path / "seal.key", *(tmp_path / "vault").iterdir()]
    assert len(files) == 3
    assert all(file.stat().st_mode & 0o077 == 0 for file in files)


@pytest.mark.parametrize("seal", [None, b"short", b"s" * 32], ids=["none", "short", "other"])
def test_another_seal_opens_nothing(tmp_path: Path, seal: bytes | None) -> None:
    """A vault without its seal, or with another one, is state_damaged."""
    SealedVault.create(tmp_path / "vault", tmp_path / "seal.key")
    (tmp_path / "seal.key").unlink()
    if seal is not None:
        (tmp_path / "seal.key").write_bytes(seal)
    with pytest.raises(Damaged):
        SealedVault.open(tmp_path / "vault", tmp_path / "seal.key")


def test_a_cut_key_is_damaged(tmp_path: Path) -> None:
    """A sealed key whose file was cut is state_damaged, not unknown."""
    vault = SealedVault.create(tmp_path / "vault", tmp_path / "seal.key")
    kid = vault.make().public.kid
    file = tmp_path / "vault" / f"{kid}.sealed"
    file.write_bytes(file.read_bytes()[:20])
    with pytest.raises(Damaged):
        SealedVault.open(tmp_path / "vault", tmp_path / "seal.key").signer(kid)


def test_both_libraries_give_the_same_bytes(vault: Vault) -> None:
    """A vault's signature is the one that RFC 8032 prescribes, whichever library makes it."""
    from volact.service.vault import _LibsodiumSigner

    for _ in range(10):
        seed, message = os.urandom(32), os.urandom(100)
        fast, plain = _LibsodiumSigner(seed), SoftwareSigner(seed)
        assert fast.public == plain.public
        assert fast.sign(message) == plain.sign(message)


FULL = """
import resource, sys
from pathlib import Path
from volact.errors import StorageFull
from volact.service.vault import SealedVault
vault = SealedVault.open(Path(sys.argv[1]), Path(sys.argv[2]))
resource.setrlimit(resource.RLIMIT_FSIZE, (10, 10))
try:
    vault.make()
except StorageFull as err:
    print(err.code)
"""


def test_a_key_that_finds_no_room_leaves_no_file(tmp_path: Path) -> None:
    """A signing key that cannot be written is storage_full and leaves nothing behind; the next one is made as ever."""
    folder, seal = tmp_path / "vault", tmp_path / "seal.key"
    vault = SealedVault.create(folder, seal)
    before = sorted(folder.iterdir())
    words = [sys.executable, "-c", FULL, str(folder), str(seal)]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert (done.stdout, sorted(folder.iterdir())) == ("storage_full\n", before), done.stderr
    assert vault.signer(vault.make().public.kid) is not None
