"""`python -m elman.shipped`: train the runs of all presets and write them into the package."""

from elman import saving, shipped
from elman.tasks import TASKS, preset
from elman.training import run


def main() -> None:
    """Write the file of each preset, and say how large it is."""
    for task in TASKS:
        for name in TASKS[task].presets:
            file = shipped.file_of(task, name)
            saving.save(run(preset(task, name)), file)
            print(f"{file.name:<24} {file.stat().st_size:>10,} bytes")


if __name__ == "__main__":
    main()
