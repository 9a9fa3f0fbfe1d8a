"""torchvision's datasets, from small files in their real formats: fetched, found, converted once, never from half a file."""

from __future__ import annotations

import gzip
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import torch
import torchvision.datasets as theirs

import sources
from file_server import Server, serving
from sources import LABELS, PICTURES, TEST, TRAIN, cifar, mnist
from tui_trainer import config, datasets, paths
from tui_trainer.config import Config
from tui_trainer.datasets.fetched import FILES, cache_file, missing
from tui_trainer.engine import cache, download, fetched
from tui_trainer.engine.errors import TrainingError
from tui_trainer.engine.samples import Samples

NAMES = ("mnist", "cifar10", "cifar100", "svhn")

Make = Callable[[str], datasets.Dataset]


@pytest.fixture
def server() -> Iterator[Server]:
    with serving() as state:
        yield state


@pytest.fixture
def small(server: Server, monkeypatch: pytest.MonkeyPatch) -> Make:
    return lambda name: sources.small(name, server, monkeypatch)


def settings() -> Config:
    return config.read({**config.DEFAULTS, "preset": "linear", "dataset": "mnist"})


def read(dataset: datasets.Dataset, say: Callable[..., None] = lambda what, done=0, total=0: None) -> Samples:
    return fetched.read(settings(), dataset, paths.datasets(), say)


def right(samples: Samples, dataset: datasets.Dataset) -> bool:
    """Whether these are the samples that the files were made of."""
    pictures = torch.equal(samples.inputs, torch.from_numpy(PICTURES[dataset.shape[0]]))
    return pictures and samples.targets.tolist() == LABELS.tolist() and samples[2:] == (TRAIN, 0, TEST, (), ())


def lying() -> list[str]:
    home = paths.datasets()
    return sorted(path.relative_to(home).as_posix() for path in home.rglob("*") if path.is_file() and path.suffix != ".lock")


def put(name: str, content: bytes) -> None:
    path = paths.datasets() / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


# What is said of them without torchvision


@pytest.mark.parametrize("dataset", datasets.fetched.FETCHED, ids=lambda one: one.name)
def test_torchvision_says_the_same(dataset: datasets.Dataset) -> None:
    kind = getattr(theirs, fetched.CLASSES[dataset.name])
    files, sources = FILES[dataset.name], list(fetched.sources(kind))
    assert [Path(file.path).name for file in files] == [addresses[0].rpartition("/")[2] for addresses, _ in sources]
    assert all(len(md5) == 32 for _, md5 in sources)
    if hasattr(kind, "resources"):
        assert {Path(file.path).parent.as_posix() for file in files} == {f"{kind.__name__}/raw"}
        assert [name.partition(" ")[0] if dataset.name == "mnist" else name for name in kind.classes] == list(dataset.classes)
        assert all(file.unpacked == (file.path.removesuffix(".gz"),) for file in files)
    elif hasattr(kind, "base_folder"):
        inside = [name for name, _ in [*kind.train_list, *kind.test_list]] + [kind.meta["filename"]]
        assert list(files[0].unpacked) == [f"{kind.base_folder}/{name}" for name in inside]
    assert dataset.fetch_bytes == sum(file.size for file in files)
    assert len(dataset.classes) == (100 if dataset.name == "cifar100" else 10)


def test_torchvision_is_not_loaded_to_list_or_to_open_them(run_python: Callable[[str], str], tmp_path: Path) -> None:
    made = tmp_path / "mnist-1.tensors"
    inputs, labels = torch.zeros(70_000, 1, 28, 28, dtype=torch.uint8), torch.zeros(70_000, dtype=torch.int64)
    cache.write(made, inputs, labels, {"dataset": "mnist"})
    said = run_python(
        "import sys; from pathlib import Path; from tui_trainer import datasets\n"
        "listed = {'torch', 'torchvision'} & set(sys.modules)\n"
        "from tui_trainer.engine import fetched\n"
        f"read = fetched.read(None, datasets.find('mnist'), Path({str(tmp_path)!r}), print)\n"
        "print(listed, len(read.inputs), 'torchvision' in sys.modules, 'scipy' in sys.modules, 'PIL' in sys.modules)"
    )
    assert said == "set() 70000 False False False"


# Fetched


@pytest.mark.parametrize("name", NAMES)
def test_fetched_once_then_opened(name: str, small: Make, server: Server) -> None:
    dataset, said = small(name), []
    assert not fetched.is_here(dataset, paths.datasets())
    assert fetched.missing_bytes(dataset, paths.datasets()) == dataset.fetch_bytes
    assert right(read(dataset, lambda what, done=0, total=0: said.append((what, done, total))), dataset)
    assert any(re.fullmatch(rf"fetching {name}: \d+ of \d+ MB(, .*/s)?", what) and total for what, _, total in said)
    assert {what for what, *_ in said} >= {f"converting {name}", f"keeping {name}"}
    packed = sorted(file.path for file in FILES[name])
    assert lying() == sorted([*packed, f"{name}-1.tensors"])
    assert server.sent == sum(map(len, server.files.values()))
    assert fetched.is_here(dataset, paths.datasets())
    said.clear()
    asked = len(server.asked)
    assert right(read(dataset, lambda what, done=0, total=0: said.append((what, done, total))), dataset)
    assert (said, len(server.asked)) == ([], asked)


def test_house_number_zero_is_label_zero(small: Make) -> None:
    assert read(small("svhn")).targets[0] == 0


def test_nothing_outside_its_folder_comes_out_of_an_archive(small: Make, tmp_path: Path) -> None:
    read(small("cifar10"))
    assert not list(tmp_path.rglob("outside"))
    assert not list(tmp_path.rglob("*.html"))


@pytest.mark.parametrize("name", NAMES)
def test_given_up_at_any_moment_it_goes_on_from_there(
    name: str, small: Make, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fetched, "OFTEN", 0)
    monkeypatch.setattr(download.wire, "STEP", 0)
    dataset, calls = small(name), []
    read(dataset, lambda what, done=0, total=0: calls.append(what))
    for path in sorted(paths.datasets().rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() else path.unlink()
    server.sent = 0
    for moment in range(0, len(calls), 2):
        left = moment

        def give_up(what: str, done: int = 0, total: int = 0) -> None:
            nonlocal left
            left -= 1
            if left < 0:
                raise KeyboardInterrupt

        try:
            read(dataset, give_up)
        except KeyboardInterrupt:
            assert cache.open_(cache_file(name, paths.datasets())) is None
            assert not list(paths.datasets().glob(".*.unpacked"))
    assert right(read(dataset), dataset)


@pytest.mark.skipif(sys.platform == "win32", reason="takes the lock as POSIX does")
def test_two_processes_fetch_once(small: Make, server: Server) -> None:
    dataset, said = small("mnist"), []
    lock = paths.datasets() / ".mnist.lock"
    lock.parent.mkdir(parents=True)
    hold = f"import fcntl, sys; file = open({str(lock)!r}, 'w'); fcntl.flock(file, fcntl.LOCK_EX); "
    hold += "print('mine', flush=True); sys.stdin.read()"
    with subprocess.Popen([sys.executable, "-c", hold], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "mine\n"

        def say(what: str, done: int = 0, total: int = 0) -> None:
            if not said:
                assert server.asked == []
                other.communicate()
            said.append(what)

        assert right(read(dataset, say), dataset)
    assert said[0] == "waiting for whoever is fetching mnist"


# By hand


@pytest.mark.parametrize("name", NAMES)
def test_packed_files_put_there_by_hand_need_no_network(name: str, small: Make, server: Server) -> None:
    dataset = small(name)
    for file in FILES[name]:
        put(file.path, server.files[Path(file.path).name])
    assert fetched.is_here(dataset, paths.datasets())
    assert right(read(dataset), dataset)
    assert server.asked == []


def unpacked(name: str, server: Server) -> dict[str, bytes]:
    if name == "mnist":
        return {f"MNIST/raw/{one.removesuffix('.gz')}": gzip.decompress(content) for one, content in mnist().items()}
    return cifar(getattr(theirs, fetched.CLASSES[name]))


@pytest.mark.parametrize("name", ["mnist", "cifar10", "cifar100"])
def test_unpacked_files_are_used_and_stay(name: str, small: Make, server: Server) -> None:
    dataset = small(name)
    for path, content in unpacked(name, server).items():
        put(path, content)
    assert fetched.is_here(dataset, paths.datasets())
    before = lying()
    assert right(read(dataset), dataset)
    assert server.asked == []
    assert lying() == sorted([*before, f"{name}-1.tensors"])


def test_some_packed_and_some_unpacked(small: Make, server: Server) -> None:
    dataset, there = small("mnist"), unpacked("mnist", server)
    put("MNIST/raw/train-images-idx3-ubyte", there["MNIST/raw/train-images-idx3-ubyte"])
    put("MNIST/raw/t10k-images-idx3-ubyte.gz", server.files["t10k-images-idx3-ubyte.gz"])
    assert [Path(file.path).name for file in missing("mnist", paths.datasets())] == [
        "train-labels-idx1-ubyte.gz",
        "t10k-labels-idx1-ubyte.gz",
    ]
    assert right(read(dataset), dataset)
    labels = ("train-labels-idx1-ubyte.gz", "t10k-labels-idx1-ubyte.gz")
    assert [path for path, _ in server.asked] == [f"/{place}{name}" for name in labels for place in ("gone/", "")]


@pytest.mark.parametrize("name", ["mnist", "cifar10"])
def test_files_that_were_packed_anew_are_as_good(name: str, small: Make, server: Server) -> None:
    dataset = small(name)
    for file in FILES[name]:
        put(file.path, gzip.compress(gzip.decompress(server.files[Path(file.path).name]), 1))
    assert right(read(dataset), dataset)
    assert server.asked == []


@pytest.mark.parametrize("name", NAMES)
def test_damaged_files_put_there_by_hand_are_fetched(name: str, small: Make, server: Server) -> None:
    dataset = small(name)
    for file in FILES[name]:
        content = server.files[Path(file.path).name]
        put(file.path, content[: len(content) // 2])
        for one in file.unpacked[:1]:
            put(one, b"half")
    assert right(read(dataset), dataset)
    assert server.asked


@pytest.mark.parametrize(("name", "instead"), [("mnist", "digits"), ("svhn", "shapes")])
def test_without_a_network_it_says_what_to_put_where(name: str, instead: str, small: Make, server: Server) -> None:
    dataset = small(name)
    server.files.clear()
    with pytest.raises(TrainingError) as raised:
        read(dataset)
    text = str(raised.value)
    assert text.startswith(f"{name} cannot be fetched (127.0.0.1: it answers 404")
    folder = (paths.datasets() / FILES[name][0].path).parent
    assert f"into {folder}. Or learn from {instead}, which comes with the program: --dataset {instead}" in text
    for file in FILES[name]:
        assert Path(file.path).name in text
    put(FILES[name][0].path, b"not it")
    with pytest.raises(TrainingError, match=f"{Path(FILES[name][0].path).name} in .* cannot be used, it is damaged"):
        read(dataset)


# The cache


@pytest.mark.parametrize(
    "spoil",
    [
        lambda content: content[: len(content) // 2],
        lambda content: b"",
        lambda content: content[:-20] + bytes(20),
        lambda content: b"x" + content[1:],
    ],
)
def test_a_damaged_cache_is_made_anew(spoil: Callable[[bytes], bytes], small: Make, server: Server) -> None:
    dataset = small("mnist")
    read(dataset)
    place, asked = cache_file("mnist", paths.datasets()), len(server.asked)
    place.write_bytes(spoil(place.read_bytes()))
    assert right(read(dataset), dataset)
    assert len(server.asked) == asked
    assert cache.open_(place) is not None


def test_a_cache_of_something_else_is_not_used(small: Make) -> None:
    dataset = small("mnist")
    place = cache_file("mnist", paths.datasets())
    for few, facts in ((3, {"dataset": "mnist"}), (TRAIN + TEST, {"dataset": "kmnist"})):
        cache.write(place, torch.zeros(few, 1, 28, 28, dtype=torch.uint8), torch.zeros(few, dtype=torch.int64), facts)
        assert right(read(dataset), dataset)


def test_a_cache_that_cannot_be_kept_is_done_without(small: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(cache, "write", full)
    samples = read(small("mnist"))
    assert torch.equal(samples.inputs, torch.from_numpy(PICTURES[1]))
    (note,) = samples.notes
    assert note.startswith("mnist cannot be kept as ")
    assert note.endswith("No space left on device; it is converted anew for each run")


def test_files_that_hold_something_else(small: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    dataset = small("mnist")
    with pytest.raises(TrainingError, match=r"not what they should be \(14 pictures 1×28×28, labels 0 to 9\)"):
        read(replace(dataset, classes=dataset.classes[:5]))
    assert cache.open_(cache_file("mnist", paths.datasets())) is None


def test_a_torchvision_that_does_not_fit_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "torchvision", None)
    with pytest.raises(TrainingError, match="mnist is read by torchvision, which cannot be loaded beside torch"):
        read(datasets.find("mnist"))
