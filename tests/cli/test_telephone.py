"""The commands for the telephone: what is read out, what is typed, pasted, piped or kept."""

import json
import time
import xml.etree.ElementTree as ElementTree

import pytest

from tests.support.commands import declare, volact
from tests.support.publisher import Publisher
from volact.credential.telephone.confirmation import FORMS, month_of
from volact.credential.telephone.installation import make_installation_id
from volact.testing.telephone import FakeCenter

PRODUCT = "tracer-9"


class Pc:
    """A computer without a network, and the center that it calls."""

    def __init__(self, folder):
        self.folder, self.home = folder, folder / "home"
        self.publisher = Publisher.of("demo", now=int(time.time()))
        self.center = FakeCenter(self.publisher)
        self.key = self.publisher.issue("mak", PRODUCT)
        file, identity = folder / "publisher.json", declare(folder / "pc.identity", "pc")
        file.write_bytes(self.publisher.file())
        words = ("--product", PRODUCT, "--publisher", str(file), "--identity", str(identity))
        assert self.run("init", *words).code == 0
        assert self.run("install-key", self.key.text).code == 0

    def run(self, *words, text="", as_json=True):
        """Runs `volact client` on the home."""
        return volact("client", "--home", str(self.home), *words, text=text, json=as_json)

    def confirmation(self):
        """The confirmation of what the command reads out."""
        return self.center.confirm(" ".join(self.run("installation-id").data["groups"]))


@pytest.fixture
def pc(tmp_path):
    """A computer with a key, which was not activated."""
    return Pc(tmp_path)


def test_the_installation_id_is_told_in_both_forms_with_the_center(pc):
    """The command `installation-id` tells eight groups of digits, the keyboard form, and the center to call."""
    told = pc.run("installation-id").data
    assert [len(group) for group in told["groups"]] == [7] * 8
    assert told["products"] == [PRODUCT]
    assert told["center"]["number"] == "+47 55 50 01 42"
    assert pc.run("installation-id", "--country", "GB").data["center"]["country"] == "GB"
    assert pc.center.confirm(told["keyboard"]) == pc.center.confirm(" ".join(told["groups"]))


def test_the_installation_id_is_drawn(pc):
    """The command `installation-id` draws a QR code of version 2 with a quiet zone, in the terminal and as SVG."""
    file = pc.folder / "code.svg"
    said = pc.run("installation-id", "--qr", "--svg", str(file), as_json=False)
    rows = [line for line in said.out.splitlines() if set(line) <= set(" ▄▀█") and len(line) == 25 + 2 * 4]
    assert len(rows) == 17
    assert any("█" in row for row in rows)
    assert "activation center: +47 55 50 01 42" in said.out
    assert ElementTree.parse(file).getroot().tag.endswith("svg")


def test_a_confirmation_is_taken_however_it_comes(pc):
    """The command `confirm` takes a code that is pasted whole, piped in, in keyboard form, or from a file."""
    code, file = pc.confirmation(), pc.folder / "code.txt"
    file.write_text("\ufeff" + "\n".join(code.groups) + "\n", "utf-8")
    for words, text in (
        ((code.qr,), ""),
        (("-".join(code.keyboard).lower(),), ""),
        (("-",), " ".join(code.groups) + "\n"),
        (("--file", str(file)), ""),
    ):
        pc.run("install-key", pc.key.text)
        assert pc.run("confirm", *words, text=text).product["state"] == "licensed"
    assert pc.run("status").product["method"] == "mak"
    assert pc.run("confirm", f"Confirmation: {code.qr}").code == 0
    assert pc.run("confirm", code.qr, "--file", str(file)).error == "usage"


def test_what_people_mistype_is_named_and_nothing_is_kept(pc):
    """A digit missing and a group twice are named by their group; letters that look like digits are read as these."""
    groups = list(pc.confirmation().groups)
    cases = {
        "a digit missing": ([*groups[:6], groups[6][:-1], *groups[7:]], [7]),
        "a digit too many": ([*groups[:6], groups[6] + "0", *groups[7:]], [7]),
        "a group twice": ([*groups[:4], groups[3], *groups[4:]], [4]),
        "a group missing": ([*groups[:4], *groups[5:]], [5]),
        "two groups in each other's places": ([*groups[:8], groups[9], groups[8], *groups[10:]], [9, 10]),
        "a letter that is no digit": ([*groups[:19], "B" + groups[19][1:]], [20]),
    }
    for name, (typed, wrong) in cases.items():
        said = pc.run("confirm", " ".join(typed))
        assert (name, said.refused, said.data["error"]["groups"]) == (name, "confirmation_mistyped", wrong)
    assert pc.run("status").product["state"] == "grace"
    alike = " ".join(groups).replace("0", "O").replace("1", "l", 1).replace("1", "I")
    assert pc.run("confirm", alike).product["state"] == "licensed"


def test_a_confirmation_of_another_time_or_suite_is_none(pc):
    """A confirmation whose last month is over, of a suite that is not known, or of another computer is refused."""
    said = " ".join(pc.run("installation-id").data["groups"])
    code = pc.center.confirm(said)
    last = pc.center.confirm(said, last_month=month_of(int(time.time())) - 1)
    suite = FORMS.digits.write(code.number ^ 3 << 394)
    other = make_installation_id(pc.key.proof_key, keyid=pc.key.keyid, dev="0" * 15)
    for typed in (last.groups, suite, pc.center.confirm(" ".join(other.groups)).groups):
        assert pc.run("confirm", " ".join(typed)).refused == "confirmation_invalid"
    assert pc.run("status").product["state"] == "grace"
    assert pc.run("confirm", code.qr).product["state"] == "licensed"


def test_a_code_is_typed_group_by_group_and_corrected(pc):
    """Without a code `confirm` asks for each group, says at once which one does not fit, and goes back when told to."""
    groups = pc.confirmation().groups
    wrong = groups[4][:-1] + str((int(groups[4][-1]) + 1) % 10)
    lines = [groups[0], "back", groups[0], " ".join(groups[1:4]), wrong, groups[3], groups[4], "".join(groups[5:])]
    said = pc.run("confirm", text="\n".join(lines) + "\n")
    assert said.product["state"] == "licensed"
    assert said.err.count("group 5 does not fit") == 2
    assert said.err.count("✓ 1 ") == 2


def test_a_code_is_typed_in_keyboard_form(pc):
    """A first group of five symbols is that of the keyboard form."""
    said = pc.run("confirm", text="\n".join(pc.confirmation().keyboard).lower() + "\n")
    assert said.product["state"] == "licensed"


def test_a_call_that_ends_half_way_changes_nothing(pc):
    """Where the input ends before the code does, the groups that are missing are named, and nothing is kept."""
    groups = pc.confirmation().groups
    said = pc.run("confirm", text="\n".join(groups[:18]) + "\n")
    assert (said.refused, said.data["error"]["groups"]) == ("confirmation_mistyped", [19, 20])
    assert pc.run("confirm", *[" ".join(groups[:19])]).data["error"]["groups"] == [20]
    assert pc.run("status").product["state"] == "grace"


def test_f29_what_was_kept_is_put_back_after_reimaging(pc):
    """F29: the file that `confirm --keep` wrote licenses the computer again in a fresh home, without a call."""
    kept = pc.folder / "kept.txt"
    assert pc.run("confirm", pc.confirmation().qr, "--keep", str(kept)).code == 0
    pc.home = pc.folder / "reimaged"
    words = ("--publisher", str(pc.folder / "publisher.json"), "--identity", str(pc.folder / "pc.identity"))
    assert pc.run("init", "--product", PRODUCT, *words).code == 0
    assert pc.run("confirm", "--file", str(kept)).product["state"] == "licensed"
    assert pc.key.remaining == 9
    told = json.dumps(pc.run("status", "--why").data)
    assert pc.key.text not in told
