"""Clips as sound, where a program renders speech: WAV, 8 kHz, one channel, 16 bits, as telephones take it.

Each clip is rendered when it is first asked for, and kept in the service's folder. There is a fixed number of them.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import tempfile
import wave
from array import array
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from hashlib import sha256
from io import BytesIO
from itertools import pairwise
from pathlib import Path

from volact.errors import Refusal, Refused
from volact.service.telephone.texts import Clip

PROGRAM = "espeak-ng"
RATE = 8_000
WORDS_A_MINUTE = 140
SECONDS = 10  # a clip is rendered within, or not at all
AT_ONCE = 2
_VOICES = {"en": "en-gb", "fr": "fr-fr", "no": "nb"}


@dataclass(frozen=True, slots=True)
class Voice:
    """Renders clips by the program at `program`, and keeps them in a folder."""

    program: str
    folder: Path
    turn: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(AT_ONCE))

    @classmethod
    def found(cls, folder: Path) -> Voice | None:
        """The voice of this machine, or None where no program renders speech."""
        program = shutil.which(PROGRAM)
        return None if program is None else cls(program, folder)

    async def sound(self, clip: Clip) -> bytes:
        """A clip as a WAV file; raises Refused (`not_ready`) where the program fails."""
        digest = sha256(f"{_VOICES[clip.language]}\n{clip.text}".encode()).hexdigest()[:16]
        kept = self.folder / f"{clip.language}-{clip.name}-{digest}.wav"
        with suppress(OSError):
            return kept.read_bytes()
        async with self.turn:
            sound = await self._rendered(clip)
        with suppress(OSError):  # a folder that takes no file: it is rendered again
            _keep(kept, sound)
        return sound

    async def _rendered(self, clip: Clip) -> bytes:
        with tempfile.TemporaryDirectory(prefix="volact-voice-") as place:
            file = Path(place) / "clip.wav"
            words = ("-v", _VOICES[clip.language], "-s", str(WORDS_A_MINUTE), "-w", str(file), clip.text)
            try:
                async with asyncio.timeout(SECONDS):
                    await _run(self.program, *words)
                return await asyncio.to_thread(_narrowed, file)
            except (OSError, EOFError, wave.Error, TimeoutError) as err:
                raise Refused(Refusal("not_ready", f"{PROGRAM} did not render a clip: {err}")) from err


async def _run(*words: str) -> None:
    process = await asyncio.create_subprocess_exec(
        *words, stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL
    )
    try:
        if await process.wait():
            raise OSError(f"it ended with code {process.returncode}")
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


def _narrowed(file: Path) -> bytes:
    """A file of one channel and 16 bits at 8 kHz: each sample is the mean of those that it stands for."""
    with wave.open(str(file)) as read:
        if (read.getnchannels(), read.getsampwidth()) != (1, 2):
            raise wave.Error("it is not one channel of 16 bits")
        samples, rate = array("h", read.readframes(read.getnframes())), read.getframerate()
    if rate < RATE:
        raise wave.Error("it has too few samples a second")
    out = BytesIO()
    with wave.open(out, "wb") as written:
        written.setparams((1, 2, RATE, 0, "NONE", ""))
        written.writeframes(_means(samples, rate).tobytes())
    return out.getvalue()


def _means(samples: Sequence[int], rate: int) -> array[int]:
    number = len(samples) * RATE // rate
    edges = [place * rate // RATE for place in range(number + 1)]
    return array("h", (sum(samples[a:b]) // (b - a) for a, b in pairwise(edges)))


def _keep(path: Path, sound: bytes) -> None:
    """Writes a file that is there whole, or not at all."""
    path.parent.mkdir(mode=0o700, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(sound)
        Path(name).rename(path)
    except OSError:
        Path(name).unlink(missing_ok=True)
        raise
