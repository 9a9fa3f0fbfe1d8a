"""The datasets that torchvision knows, fetched on first use, and which of their files lie where. Imports no torchvision.

The layout is torchvision's, below the folder of the datasets, so that files put there by hand are found.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from tui_trainer.datasets.dataset import Dataset

DIGITS = tuple("0123456789")

# fmt: off
CIFAR100_CLASSES = (
    "apple", "aquarium_fish", "baby", "bear", "beaver", "bed", "bee", "beetle", "bicycle", "bottle", "bowl", "boy", "bridge",
    "bus", "butterfly", "camel", "can", "castle", "caterpillar", "cattle", "chair", "chimpanzee", "clock", "cloud", "cockroach",
    "couch", "crab", "crocodile", "cup", "dinosaur", "dolphin", "elephant", "flatfish", "forest", "fox", "girl", "hamster",
    "house", "kangaroo", "keyboard", "lamp", "lawn_mower", "leopard", "lion", "lizard", "lobster", "man", "maple_tree",
    "motorcycle", "mountain", "mouse", "mushroom", "oak_tree", "orange", "orchid", "otter", "palm_tree", "pear",
    "pickup_truck", "pine_tree", "plain", "plate", "poppy", "porcupine", "possum", "rabbit", "raccoon", "ray", "road",
    "rocket", "rose", "sea", "seal", "shark", "shrew", "skunk", "skyscraper", "snail", "snake", "spider", "squirrel",
    "streetcar", "sunflower", "sweet_pepper", "table", "tank", "telephone", "television", "tiger", "tractor", "train",
    "trout", "tulip", "turtle", "wardrobe", "whale", "willow_tree", "wolf", "woman", "worm",
)
# fmt: on


@dataclass(frozen=True, slots=True)
class File:
    """One file of a source."""

    path: str
    """As it is fetched, below the folder of the datasets."""
    size: int
    """Bytes."""
    unpacked: tuple[str, ...] = ()
    """What may lie there in its place, below the same folder."""

    def lies_in(self, datasets_home: Path) -> bool:
        """Whether it is there, packed or unpacked. What is in it is looked at when it is read."""
        packed = (datasets_home / self.path).is_file()
        return packed or (bool(self.unpacked) and all((datasets_home / one).is_file() for one in self.unpacked))


def _idx(folder: str, *sizes: int) -> tuple[File, ...]:
    """The four files of MNIST and its kin: pictures and labels for training, then for the test."""
    names = [f"{folder}/raw/{split}-{kind}-ubyte" for split in ("train", "t10k") for kind in ("images-idx3", "labels-idx1")]
    return tuple(File(f"{name}.gz", size, (name,)) for name, size in zip(names, sizes, strict=True))


def _tar(archive: str, size: int, folder: str, *names: str) -> tuple[File, ...]:
    return (File(archive, size, tuple(f"{folder}/{name}" for name in names)),)


_BATCHES = (*(f"data_batch_{number}" for number in range(1, 6)), "test_batch", "batches.meta")

FILES: dict[str, tuple[File, ...]] = {
    "mnist": _idx("MNIST", 9_912_422, 28_881, 1_648_877, 4_542),
    "fashion-mnist": _idx("FashionMNIST", 26_421_880, 29_515, 4_422_102, 5_148),
    "kmnist": _idx("KMNIST", 18_165_135, 29_497, 3_041_136, 5_120),
    "cifar10": _tar("cifar-10-python.tar.gz", 170_498_071, "cifar-10-batches-py", *_BATCHES),
    "cifar100": _tar("cifar-100-python.tar.gz", 169_001_437, "cifar-100-python", "train", "test", "meta"),
    "svhn": (File("train_32x32.mat", 182_040_794), File("test_32x32.mat", 64_275_384)),
}
"""The files of each source, those for training first."""

PART = ".part"
"""What the name of a file ends with until all of it has come."""


def cache_file(name: str, datasets_home: Path) -> Path:
    """What a source is converted to, once; the number in its name changes with what is in it."""
    return datasets_home / f"{name}-1.tensors"


def missing(name: str, datasets_home: Path) -> tuple[File, ...]:
    """What is to be fetched before this dataset can be read."""
    if cache_file(name, datasets_home).is_file():
        return ()
    return tuple(file for file in FILES[name] if not file.lies_in(datasets_home))


def _source(
    name: str, about: str, classes: tuple[str, ...], shape: tuple[int, int, int], train: int, test: int, **rest: str
) -> Dataset:
    return Dataset(
        name=name,
        about=about,
        classes=classes,
        shape=shape,
        train_size=train,
        test_size=test,
        task="classification",
        source=rest["source"],
        licence=rest["licence"],
        bundled=False,
        fetch_bytes=sum(file.size for file in FILES[name]),
    )


FETCHED: tuple[Dataset, ...] = (
    _source(
        "mnist",
        "70 000 handwritten digits, 28×28, grey",
        DIGITS,
        (1, 28, 28),
        60_000,
        10_000,
        source="Y. LeCun, C. Cortes and C. J. C. Burges, The MNIST database of handwritten digits, 1998, "
        "http://yann.lecun.com/exdb/mnist/",
        licence="CC BY-SA 3.0",
    ),
    _source(
        "fashion-mnist",
        "70 000 pieces of clothing, 28×28, grey",
        ("T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot"),
        (1, 28, 28),
        60_000,
        10_000,
        source="H. Xiao, K. Rasul and R. Vollgraf, Fashion-MNIST: a Novel Image Dataset for Benchmarking Machine Learning "
        "Algorithms, 2017, arXiv:1708.07747",
        licence="MIT, Zalando SE",
    ),
    _source(
        "kmnist",
        "70 000 cursive Japanese characters, 28×28, grey",
        ("o", "ki", "su", "tsu", "na", "ha", "ma", "ya", "re", "wo"),
        (1, 28, 28),
        60_000,
        10_000,
        source="T. Clanuwat, M. Bober-Irizar, A. Kitamoto, A. Lamb, K. Yamamoto and D. Ha, Deep Learning for Classical "
        "Japanese Literature, 2018, arXiv:1812.01718; adapted from the Kuzushiji dataset of NIJL, doi:10.20676/00000341",
        licence="CC BY-SA 4.0",
    ),
    _source(
        "cifar10",
        "60 000 photographs of animals and vehicles, 32×32, colour",
        ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"),
        (3, 32, 32),
        50_000,
        10_000,
        source="A. Krizhevsky, Learning Multiple Layers of Features from Tiny Images, 2009, "
        "https://www.cs.toronto.edu/~kriz/cifar.html",
        licence="none is stated; its authors ask to cite the report",
    ),
    _source(
        "cifar100",
        "60 000 photographs of a hundred kinds of things, 32×32, colour",
        CIFAR100_CLASSES,
        (3, 32, 32),
        50_000,
        10_000,
        source="A. Krizhevsky, Learning Multiple Layers of Features from Tiny Images, 2009, "
        "https://www.cs.toronto.edu/~kriz/cifar.html",
        licence="none is stated; its authors ask to cite the report",
    ),
    _source(
        "svhn",
        "99 289 house numbers from street views, one digit each, 32×32, colour",
        DIGITS,
        (3, 32, 32),
        73_257,
        26_032,
        source="Y. Netzer, T. Wang, A. Coates, A. Bissacco, B. Wu and A. Y. Ng, Reading Digits in Natural Images with "
        "Unsupervised Feature Learning, NIPS Workshop, 2011, http://ufldl.stanford.edu/housenumbers/",
        licence="non-commercial use only",
    ),
)
