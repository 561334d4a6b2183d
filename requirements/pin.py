"""Write run.txt and dev.txt anew: every package with version and hashes, and no index host."""

import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

HERE = Path(__file__).parent
OPTIONS = (
    "--quiet", "--no-header", "--strip-extras", "--generate-hashes", "--no-annotate", "--no-emit-options",
    "--allow-unsafe", "--upgrade",
)  # fmt: skip


def compile_pins(tool: Path, target: Path, *sources: Path) -> None:
    """Resolve `sources` into the hashed pins of `target`."""
    subprocess.run([tool, *OPTIONS, "--output-file", target, *sources], check=True, cwd=HERE)


def main() -> None:
    """Resolve with pip-tools in an environment of its own, which is thrown away."""
    project = tomllib.loads((HERE.parent / "pyproject.toml").read_text(encoding="utf-8"))
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([sys.executable, "-m", "venv", folder], check=True)
        binaries = Path(folder) / "bin"
        subprocess.run([binaries / "pip", "install", "--quiet", "pip-tools"], check=True)
        wanted = Path(folder) / "run.in"
        # pip and setuptools build the checkout itself, without an isolated (unpinned) environment.
        wanted.write_text("\n".join([*project["project"]["dependencies"], "pip", "setuptools"]), encoding="utf-8")
        compile_pins(binaries / "pip-compile", HERE / "run.txt", wanted)
        compile_pins(binaries / "pip-compile", HERE / "dev.txt", HERE / "dev.in")


if __name__ == "__main__":
    main()
