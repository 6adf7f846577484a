"""MNIST from IDX files, and the synthetic planes."""

from __future__ import annotations

import gzip
import hashlib
from pathlib import Path

import numpy as np
import pytest

from turncoat.data import mnist
from turncoat.data.mnist import load_mnist, parse_idx
from turncoat.data.synthetic import random_axes, synthetic
from turncoat.errors import BrokenData, MissingResource, UsageError

PIXELS = bytes([0, 51, 102, 255, 0, 0, 7, 9, 1, 2, 3, 4])  # three images of 2 x 2
IMAGES = b"\0\0\x08\x03" + b"\0\0\0\x03\0\0\0\x02\0\0\0\x02" + PIXELS
LABELS = b"\0\0\x08\x01" + b"\0\0\0\x03" + bytes([7, 0, 7])


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A test split of three images, one file packed."""
    contents = {"t10k-images-idx3-ubyte": IMAGES, "t10k-labels-idx1-ubyte": LABELS}
    monkeypatch.setattr(mnist, "SHA256", {name: hashlib.sha256(data).hexdigest() for name, data in contents.items()})
    monkeypatch.delenv("TURNCOAT_DATA", raising=False)
    where = tmp_path / "data/mnist"
    where.mkdir(parents=True)
    (where / "t10k-images-idx3-ubyte.gz").write_bytes(gzip.compress(IMAGES))
    (where / "t10k-labels-idx1-ubyte").write_bytes(LABELS)
    return where


def test_images_and_labels(folder: Path) -> None:
    found = load_mnist("test", folder)
    assert found.name == "mnist/test"
    assert len(found) == 3
    assert found.pixels.shape == (3, 2, 2)
    assert found.pixels.dtype == np.float32
    np.testing.assert_allclose(found.pixels[0], [[0, 0.2], [0.4, 1]], rtol=1e-6)
    assert found.labels.dtype == np.int64
    assert found.labels.tolist() == [7, 0, 7]


def test_found_below_turncoat_data(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(MissingResource, match="TURNCOAT_DATA is not set"):
        load_mnist("test")
    monkeypatch.setenv("TURNCOAT_DATA", str(folder.parents[1]))
    assert load_mnist("test").labels.tolist() == [7, 0, 7]


def test_missing_and_damaged_files_are_told(folder: Path) -> None:
    with pytest.raises(MissingResource, match=r"expected train-images-idx3-ubyte.gz in .*get it from https"):
        load_mnist("train", folder)
    with pytest.raises(UsageError, match="mnist has no split 'dev'"):
        load_mnist("dev", folder)
    (folder / "t10k-labels-idx1-ubyte").write_bytes(LABELS[:-1] + b"\x01")
    with pytest.raises(BrokenData, match="t10k-labels-idx1-ubyte: expected content of sha256"):
        load_mnist("test", folder)


@pytest.mark.parametrize(
    "content", [b"", b"\0\0\x08", b"\0\0\x0d\x01\0\0\0\x00", LABELS[:-1], LABELS + b"\0", LABELS[:6], b"\0\0\x08\0"]
)
def test_what_is_no_idx_file_is_refused(content: bytes) -> None:
    with pytest.raises(BrokenData, match="expected an IDX file of bytes"):
        parse_idx(content)


def test_an_idx_file_of_nothing() -> None:
    assert parse_idx(b"\0\0\x08\x02" + b"\0\0\0\x00\0\0\0\x05").shape == (0, 5)


def test_a_balanced_subset(folder: Path) -> None:
    found = load_mnist("test", folder)
    rows = found.balanced(1, seed=0)
    assert sorted(found.labels[rows].tolist()) == [0, 7]
    assert rows.tolist() == found.balanced(1, seed=0).tolist()
    assert {tuple(found.balanced(1, seed=seed)) for seed in range(9)} == {(0, 1), (1, 2)}
    with pytest.raises(UsageError, match="1 to 1 images of class 0 in mnist/test, got 2"):
        found.balanced(2, seed=0)


@pytest.mark.shared
def test_the_published_files(shared: Path) -> None:
    found = load_mnist("test", shared / "data/mnist")
    assert found.pixels.shape == (10_000, 28, 28)
    assert (found.pixels.min(), found.pixels.max()) == (0, 1)
    assert np.bincount(found.labels).tolist() == [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]
    assert found.labels[:5].tolist() == [7, 2, 1, 0, 4]


def test_moons_and_circles() -> None:
    axes = random_axes(np.random.default_rng(0))
    np.testing.assert_allclose(axes @ axes.T, np.eye(2), atol=1e-6)
    circles = synthetic("circles", 101, np.random.default_rng(1), axes, noise=0)
    radii = np.linalg.norm(circles.flat, axis=1)
    np.testing.assert_allclose(radii, np.where(circles.labels == 0, 1, 0.5), rtol=1e-6)
    moons = synthetic("moons", 100, np.random.default_rng(1), axes, noise=0)
    upper, lower = moons.flat[moons.labels == 0], moons.flat[moons.labels == 1]
    np.testing.assert_allclose(np.linalg.norm(upper, axis=1), 1, rtol=1e-6)
    np.testing.assert_allclose(np.linalg.norm(lower - (1, 0.5), axis=1), 1, rtol=1e-6)
    assert upper[:, 1].min() >= 0
    assert lower[:, 1].max() <= 0.5
    for plane in (moons, circles):
        assert plane.points.shape == (len(plane.labels), 100)
        assert plane.points.dtype == np.float32
        assert abs(int((2 * plane.labels - 1).sum())) <= 1
        distances = np.linalg.norm(plane.points[0] - plane.points, axis=1)
        np.testing.assert_allclose(distances, np.linalg.norm(plane.flat[0] - plane.flat, axis=1), atol=1e-5)


def test_synthetic_points_depend_on_the_seed_alone() -> None:
    axes = random_axes(np.random.default_rng(0), 5)
    first, same, other = (synthetic("moons", 9, np.random.default_rng(seed), axes) for seed in (1, 1, 2))
    np.testing.assert_array_equal(first.points, same.points)
    assert not np.array_equal(first.points, other.points)
    for bad in ({"shape": "spirals"}, {"size": 0}, {"noise": -1}):
        with pytest.raises(UsageError, match="expected one of moons, circles"):
            synthetic(**{"shape": "moons", "size": 9, "rng": np.random.default_rng(0), "axes": axes, **bad})  # type: ignore[arg-type]
    with pytest.raises(UsageError, match="at least 2 dimensions"):
        random_axes(np.random.default_rng(0), 1)
