"""Each house rule, shown what it must report and what it must let pass."""

import pytest
from house import places, proofs, prose, shape
from house.__main__ import RULES
from house.tree import Source

LONG = "def f():\n" + "    x = 1\n" * 41
RECIPE = "def f():\n    # 1. first\n" + "    x = 1\n" * 41 + "    # 2. then\n    return x\n"
DOCSTRING = 'def f():\n    """' + "Words.\n" * 60 + '    """\n    return 1\n'
COMMAND = "@app.command('init')\ndef init(directory, id, name): ...\n"
TEST = 'def test_x():\n    """{}"""\n'

PLANTED = [
    (shape.file_size, "src/volact/x.py", "\n" * 401),
    (shape.function_size, "src/volact/x.py", LONG),
    (shape.function_size, "tests/unit/test_x.py", LONG.replace("def", "async def")),
    (shape.parameters, "src/volact/x.py", "def f(a, b, c): ...\n"),
    (shape.parameters, "src/volact/x.py", "class A:\n    def f(self, a, b, c): ...\n"),
    (shape.parameters, "src/volact/x.py", "class A:\n    def __init__(self, a, b, c): ...\n"),
    (shape.faces, "src/volact/host/x.py", "__all__ = ['f']\n"),
    (shape.module_name, "src/volact/utils.py", ""),
    (shape.module_name, "tests/helpers/__init__.py", ""),
    (places.no_sleep, "src/volact/x.py", "import time\ntime.sleep(1)\n"),
    (places.no_sleep, "src/volact/x.py", "from time import sleep\n"),
    (places.printing, "src/volact/host/x.py", "print('hello')\n"),
    (places.printing, "src/volact/cli/host.py", "import typer\ntyper.echo('hello')\n"),
    (places.sql, "src/volact/service/x.py", "X = 'SELECT a FROM b WHERE c = 1'\n"),
    (places.sql, "src/volact/host/api.py", "def f(t): return f'INSERT INTO {t} VALUES (1)'\n"),
    (places.sql, "src/volact/serving/x.py", "X = '''\n  CREATE TABLE a (b)'''\n"),
    (places.private_keys, "src/volact/host/x.py", "from nacl.signing import SigningKey\n"),
    (places.private_keys, "src/volact/client/x.py", "k = ed25519.Ed25519PrivateKey.generate()\n"),
    (places.no_elsewhere, "docs/deploy.md", "Look into /" + "work/main.\n"),
    (places.no_elsewhere, "requirements/runtime.txt", "--index-url https://py" + "pi.org/simple\n"),
    (proofs.sentence, "tests/unit/test_x.py", "def test_x(): ...\n"),
    (proofs.sentence, "tests/unit/test_x.py", TEST.format("a key is refused.")),
    (proofs.sentence, "tests/unit/test_x.py", TEST.format("A key is refused")),
    (proofs.sentence, "tests/unit/test_x.py", TEST.format("A key is refused. So is another.")),
    (proofs.no_patching, "tests/unit/test_x.py", "def test_x(monkeypatch): ...\n"),
    (proofs.no_patching, "tests/flows/test_x.py", "from unittest.mock import patch\n"),
    (proofs.no_patching, "tests/flows/test_x.py", "from unittest import mock\n"),
    (proofs.no_patching, "tests/flows/conftest.py", "import unittest.mock\n"),
    (proofs.no_patching, "tests/unit/test_x.py", "import pytest\nwith pytest.MonkeyPatch.context(): ...\n"),
    (prose.fragment, "changelog.d/keys.new.md", "Keys.\n"),
    (prose.fragment, "changelog.d/keys.added.md", "\n"),
    (prose.decision, "docs/adr/0002-a-title.md", "## Context\n## Options\n"),
    (prose.decision, "docs/adr/title.md", "## Context\n## Options\n## Outcome\n"),
]

PASSING = [
    (shape.file_size, "src/volact/x.py", "\n" * 400),
    (shape.function_size, "src/volact/x.py", RECIPE),
    (shape.function_size, "src/volact/x.py", DOCSTRING),
    (shape.parameters, "src/volact/x.py", "class A:\n    def f(self, a, b, *, c, d): ...\n"),
    (shape.parameters, "src/volact/x.py", "class A:\n    def __exit__(self, kind, error, trace): ...\n"),
    (shape.parameters, "src/volact/x.py", "async def app(scope, receive, send): ...\n"),
    (shape.parameters, "src/volact/x.py", "def f(a, b, c): ...  # signature of asyncio's exception handler\n"),
    (shape.parameters, "src/volact/cli/x.py", COMMAND),
    (shape.faces, "src/volact/testing/__init__.py", "__all__ = ['f']\n"),
    (shape.module_name, "src/volact/catalog.py", ""),
    (places.no_sleep, "tests/e2e/test_x.py", "import time\ntime.sleep(1)\n"),
    (places.printing, "src/volact/cli/ui.py", "print('hello')\n"),
    (places.sql, "src/volact/service/ledger/keys.py", "X = 'SELECT a FROM b'\n"),
    (places.sql, "src/volact/host/store_computers.py", "X = 'SELECT a FROM b'\n"),
    (places.sql, "src/volact/host/x.py", "X = 'Select a product from the list'\n"),
    (places.private_keys, "src/volact/service/vault.py", "from nacl.signing import SigningKey\n"),
    (places.private_keys, "src/volact/credential/keys.py", "k = ed25519.Ed25519PrivateKey\n"),
    (places.no_elsewhere, "docs/deploy.md", "The service works in /var/lib/volact, as framework/x does.\n"),
    (proofs.sentence, "tests/unit/test_x.py", TEST.format("F13: a host with 4.5 keys\n    refuses.")),
    (proofs.no_patching, "tests/e2e/test_x.py", "def test_x(monkeypatch): ...\n"),
    (prose.fragment, "changelog.d/keys.added.md", "Keys.\n"),
    (prose.decision, "docs/adr/0002-a-title.md", "## Context\n## Options\n## Outcome\n"),
]


@pytest.mark.parametrize(("rule", "path", "text"), PLANTED)
def test_a_planted_violation_is_reported(rule, path, text):
    """Each house rule reports a violation planted in a file."""
    assert list(rule(Source(path, text)))


@pytest.mark.parametrize(("rule", "path", "text"), PASSING)
def test_what_is_allowed_passes(rule, path, text):
    """Each house rule lets pass what it allows."""
    assert not list(rule(Source(path, text)))


def test_every_rule_has_its_proof():
    """Every house rule that runs has a planted violation and something it lets pass."""
    assert {rule for rule, *_ in PLANTED} == {rule for rule, *_ in PASSING} == set(RULES)


def test_a_link_to_nowhere_is_reported():
    """A link in a page leads to a file or a folder of the tree, or out of it by an address."""
    page = Source("docs/a.md", "[b](b.md) [spec](spec) [up](../README.md#tour) [out](https://example.com) [no](c.md)\n")
    found = list(prose.links(page, {"docs/a.md", "docs/b.md", "docs/spec/keys.md", "README.md"}))
    assert [finding.what for finding in found] == ["c.md is not there"]
