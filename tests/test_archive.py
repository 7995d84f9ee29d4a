"""Arrays of a file that nobody vouches for: what is read, and what is refused before it is."""

import io
import struct
import zipfile

import numpy as np
import pytest

from elman.layers.archive import Form, opened

FORMS = {"many": Form("f", (-1,)), "table": Form("f", (2, 3)), "count": Form("i", ()),
         "yes": Form("b", ()), "name": Form("U", ())}  # fmt: skip
ARRAYS = {"many": np.arange(4.0), "table": np.arange(6.0).reshape(2, 3).T.copy().T,
          "count": np.array(7), "yes": np.array(True), "name": np.array("שלום")}  # fmt: skip


def npz(**changes):
    """A file of `ARRAYS` with some changed; None leaves one out."""
    file = io.BytesIO()
    np.savez(file, **{name: a for name, a in (ARRAYS | changes).items() if a is not None})
    return file.getvalue()


def read(content, max_bytes=10_000):
    with opened(io.BytesIO(content), "a file of this test", max_bytes) as archive:
        arrays = {name: archive.array(name, form) for name, form in FORMS.items()}
        archive.check_names(FORMS)
    return arrays


def zipped(names, *, content=b"not an array"):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in names:
            archive.writestr(f"{name}.npy", content)
    return file.getvalue()


def with_twice():
    file = io.BytesIO(npz())
    with zipfile.ZipFile(file, "a") as archive, pytest.warns(UserWarning, match="Duplicate"):
        archive.writestr("yes.npy", archive.read("yes.npy"))
    return file.getvalue()


def headed(header, version=1):
    """An array that has this header and nothing after it."""
    length = struct.pack("<H" if version == 1 else "<I", len(header) + 1)
    return b"\x93NUMPY" + bytes([version, 0]) + length + header.encode() + b"\n"


# It speaks of more numbers than there is memory for.
PROMISE = "{'descr': '<f8', 'fortran_order': False, 'shape': (10000000000000,), }".ljust(117)


class Bomb:
    """Would be called by an unpickler."""

    def __reduce__(self):
        return pytest.fail, ("something was unpickled",)


CONTENT = npz()


def test_arrays_come_back_to_the_last_bit_and_no_file_raises_as_open_does(tmp_path):
    for name, array in read(npz(many=ARRAYS["many"].astype(">f8"))).items():
        assert array.dtype == ARRAYS[name].dtype
        np.testing.assert_array_equal(array, ARRAYS[name])
    with pytest.raises(FileNotFoundError), opened(tmp_path / "none.npz", "any", 100):
        pass


KIND = r"^file: allowed is a file of this test; another kind of file, or only a part"
REFUSED = {
    "no archive": (b"not a file of arrays", KIND),
    "nothing": (b"", KIND),
    "half of it": (CONTENT[: len(CONTENT) // 2], KIND),
    "missing": (npz(table=None), r"^table: allowed is an array \(2, 3\) of float64 .*; nothing"),
    "turned": (npz(table=np.ones((3, 2))), r"^table: .*; one of shape \(3, 2\) and type float64 w"),
    "axes": (npz(many=np.array(1.0)), r"^many: allowed is an array \(any,\) .*; one of shape \(\)"),
    "kind": (npz(count=np.array(7.0)), r"^count: allowed is a single value \(whole\); .*float64"),
    "single": (npz(many=np.ones(3, np.float32)), "^many: .*float64 values; one of .*float32 was"),
    "objects": (npz(many=np.array([Bomb()], dtype=object)), r"^many: .* type object was given"),
    "extra": (npz(more=np.ones(3)), "^file: allowed are the arrays count, .*'more.npy' was given"),
    "no array": (zipped(FORMS), r"^many: allowed is a whole array; a damaged one was given"),
    "promise": (zipped(["many"], content=headed(PROMISE)), "^many: .* whole array; a damaged one"),
    "header": (zipped(["many"], content=headed("{'descr': (", 2)), r"^many: .* \(TokenError\)"),
    "list": (zipped(map(str, range(5000))), KIND),
    "twice": (with_twice(), "^file: .*, each once; one of them twice was given"),
    "bomb": (zipped(["many"], content=bytes(3_000_000)), "^file: .* at most 10,000 bytes.*; 3,"),
}  # fmt: skip


@pytest.mark.parametrize(("content", "words"), REFUSED.values(), ids=REFUSED)
def test_what_does_not_fit_is_refused(content, words):
    with pytest.raises(ValueError, match=words):
        read(content)
