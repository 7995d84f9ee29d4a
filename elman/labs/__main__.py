"""`python -m elman.labs`: measure every lab's own experiment and write it into the package."""

from elman.labs import shipped


def main() -> None:
    """Write the file, and say how large it is."""
    shipped.FILE.write_text(shipped.measured(), encoding="utf-8")
    print(f"{shipped.FILE.name} {shipped.FILE.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
