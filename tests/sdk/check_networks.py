"""Networks exported by Python and computed by a C++ program, on every instruction set: the same bits.

python tests/sdk/check_networks.py --cmakedir $(python -m convcore --cmakedir) [--small]
"""

import argparse
import os
import pathlib
import subprocess
import sys
import tempfile

import convcore

HERE = pathlib.Path(__file__).resolve().parent


def run(*command, **environment):
    subprocess.run([str(part) for part in command], check=True, env={**os.environ, **environment})


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cmakedir", required=True)
    parser.add_argument("--small", action="store_true", help="small images: seconds instead of a minute")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        build = folder / "build"
        run("cmake", "-S", HERE / "verify", "-B", build, f"-Dconvcore_DIR={arguments.cmakedir}")
        run("cmake", "--build", build)
        isas = convcore._core.available_isas()
        for isa in isas:
            small = ["--small"] if arguments.small else []
            run(sys.executable, HERE / "networks.py", folder, *small, CONVCORE_ISA=isa)
            run(build / "verify", *sorted(folder.glob("*.convcore")), CONVCORE_ISA=isa)
    print(f"{len(isas)} passed: C++ computes Python's bits on {', '.join(isas)}")


if __name__ == "__main__":
    main()
