"""A bundle is taken when everything about it is right, and refused with its reason otherwise, before a byte of it is used."""

import io
import tarfile
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from central.errors import Invalid
from central.halls import bundles as making
from edge_agent.updating import bundle
from edge_agent.updating.bundle import Box, Refusal, Refused
from edge_agent.updating.states import State
from shared import bundles
from tests.edge_agent.updates import NOW

KEY, NEXT, STRANGER = (Ed25519PrivateKey.generate() for _ in range(3))
BOX = Box(State(good="1.0", floor="1.0"), [KEY.public_key(), NEXT.public_key()], "amd64", NOW)


@pytest.fixture
def debs(tmp_path: Path) -> list[Path]:
    files = [tmp_path / f"minyi-edge-1.1_1.1_{machine}.deb" for machine in ("amd64", "arm64")]
    for number, file in enumerate(files):
        file.write_bytes(bytes([number + 1]) * 3000)
    return files


def make(debs: list[Path], key: Ed25519PrivateKey = KEY, *, version: str = "1.1", **more: object) -> Path:
    wish = making.Wish(version, str(more.get("minimum", "0.0")), more.get("since", NOW))  # type: ignore[arg-type]
    out = debs[0].with_name("it.bundle")
    making.make(debs, wish, key, out=out, now=NOW)
    return out


def refused(path: Path, box: Box = BOX) -> Refusal:
    into = path.with_name("staging")
    with pytest.raises(Refused) as caught:
        bundle.take(path, box, into=into)
    assert not into.exists()
    return caught.value.why


@pytest.mark.parametrize("key", [KEY, NEXT], ids=["old", "next"])
def test_either_trusted_key_signs_and_only_this_machines_packages_are_kept(
    debs: list[Path], key: Ed25519PrivateKey
) -> None:
    into = debs[0].with_name("staging")
    assert bundle.take(make(debs, key), BOX, into=into).version == "1.1"
    assert [path.name for path in bundle.staged(into, "amd64")] == [debs[0].name]
    assert (into / debs[0].name).read_bytes() == debs[0].read_bytes()
    (into / debs[0].name).write_bytes(b"changed on the disk")
    with pytest.raises(Refused):
        bundle.staged(into, "amd64")


def test_the_same_packages_give_the_same_bytes(debs: list[Path]) -> None:
    assert make(debs).read_bytes() == make(debs).read_bytes()


def test_what_the_manifest_says_is_held_against_the_box(debs: list[Path]) -> None:
    assert refused(make(debs, STRANGER)) is Refusal.WRONG_KEY
    assert refused(make(debs), BOX._replace(keys=[])) is Refusal.NO_KEYS
    assert refused(make(debs), BOX._replace(architecture="riscv64")) is Refusal.OTHER_MACHINE
    assert refused(make(debs, version="1.0.0")) is Refusal.OLD
    # 1.2 was confirmed here once: its record outlives whatever runs now.
    assert refused(make(debs), BOX._replace(state=State(good="1.0", floor="1.2"))) is Refusal.OLD
    assert refused(make(debs, minimum="1.0.1")) is Refusal.TOO_FAR
    assert refused(make(debs, since=NOW + timedelta(minutes=1))) is Refusal.TOO_EARLY
    failed = BOX._replace(state=State(good="1.0", floor="1.0", failed=("1.1",)))
    assert refused(make(debs), failed) is Refusal.FAILED_BEFORE
    assert bundle.take(make(debs), failed._replace(again=True), into=None).version == "1.1"


def signed(debs: list[Path], members: list[tuple[str, bytes]], **facts: object) -> Path:
    """Write a bundle of other members, its manifest (good, or with other facts) rightly signed."""
    with tarfile.open(make(debs)) as whole:
        stream = whole.extractfile(bundles.MANIFEST)
        assert stream is not None
        manifest = bundles.Manifest.model_validate_json(stream.read())
    head = manifest.model_copy(update=facts).model_dump_json().encode()
    out = debs[0].with_name("other.bundle")
    with tarfile.open(out, "w", format=tarfile.USTAR_FORMAT) as archive:
        for name, content in [
            (bundles.MANIFEST, head),
            (bundles.SIGNATURE, bundles.sign(head, KEY)),
            *members,
        ]:
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return out


def test_what_is_in_it_must_be_what_the_signed_list_says(debs: list[Path]) -> None:
    [one, two] = [(path.name, path.read_bytes()) for path in debs]
    assert bundle.take(signed(debs, [one, two]), BOX, into=None)
    assert refused(signed(debs, [one, two], product="minyi-centre")) is Refusal.OTHER_PRODUCT
    assert refused(signed(debs, [one])) is Refusal.CONTENT
    assert refused(signed(debs, [two, one])) is Refusal.CONTENT
    assert refused(signed(debs, [one, two, ("x.deb", b"x")])) is Refusal.CONTENT
    assert refused(signed(debs, [("../" + one[0], one[1]), two])) is Refusal.CONTENT
    assert refused(signed(debs, [("/etc/cron.d/x", one[1]), two])) is Refusal.CONTENT
    assert refused(signed(debs, [(one[0], one[1] + b"x"), two])) is Refusal.OVERSIZE
    assert refused(signed(debs, [(one[0], bytes(3000)), two])) is Refusal.DAMAGED
    outside = bundles.Package(name="a.deb", size=1, sha256="0" * 64, architecture="all").model_copy(
        update={"name": "../../etc/cron.d/x"}
    )
    assert refused(signed(debs, [one, two], packages=(outside,))) is Refusal.UNREADABLE


@pytest.mark.parametrize(
    "kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE, tarfile.XHDTYPE, tarfile.GNUTYPE_LONGNAME]
)
def test_only_plain_files_are_read(debs: list[Path], kind: bytes) -> None:
    member = tarfile.TarInfo(bundles.MANIFEST)
    member.type, member.linkname, member.size = kind, "/etc/passwd", 2**40 if kind == tarfile.XHDTYPE else 0
    path = debs[0].with_name("odd.bundle")
    path.write_bytes(member.tobuf(tarfile.GNU_FORMAT) + bytes(20_000))
    assert refused(path) is Refusal.CONTENT


def test_a_bundle_cut_or_changed_anywhere_is_refused(debs: list[Path]) -> None:
    path = make(debs)
    whole = path.read_bytes()
    for at in range(0, len(whole) - 10_240, 97):
        path.write_bytes(whole[:at])
        assert refused(path) in {Refusal.TRUNCATED, Refusal.UNREADABLE}, at
    into = path.with_name("staging")
    for at in range(0, len(whole), 97):
        path.write_bytes(whole[:at] + bytes([whole[at] ^ 4]) + whole[at + 1 :])
        try:
            bundle.take(path, BOX, into=into)
        except Refused:
            continue
        # Only the filling between the members is nobody's business.
        assert (into / debs[0].name).read_bytes() == debs[0].read_bytes()
        assert whole[at] == 0


def test_a_file_that_is_no_bundle_or_too_large_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_bytes(b"")
    assert refused(path) is Refusal.UNREADABLE
    path.write_bytes(b"PK" * 4000)
    assert refused(path) is Refusal.UNREADABLE
    with path.open("wb") as file:
        file.truncate(bundles.MOST_BYTES + 1)
    assert refused(path) is Refusal.OVERSIZE


@pytest.mark.parametrize("name", ["Minyi_1_amd64.deb", "minyi-edge.deb", "minyi_1_mips.deb"])
def test_the_centre_takes_only_packages_named_as_debian_does(tmp_path: Path, name: str) -> None:
    file = tmp_path / name
    file.write_bytes(b"x")
    with pytest.raises(Invalid):
        making.make([file], making.Wish("1.1", "0.0", NOW), KEY, out=tmp_path / "o", now=NOW)


def test_a_signing_key_is_private_and_never_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "release.key"
    making.make_key(path)
    assert path.stat().st_mode & 0o777 == 0o600
    kept = path.read_bytes()
    with pytest.raises(Invalid):
        making.make_key(path)
    assert path.read_bytes() == kept
    (tmp_path / "short").write_bytes(b"x")
    with pytest.raises(Invalid):
        making.read_key(tmp_path / "short")
