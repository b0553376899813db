"""Makes the wheel with nothing but the standard library, the same bytes every time: python3 build_wheel.py FOLDER

`pip wheel .` and `python3 -m build` make an equal one where setuptools is installed; the product's build cannot count on that.
"""

import base64
import hashlib
import sys
import zipfile
from pathlib import Path

try:
    import tomllib
except ImportError:  # before Python 3.11
    from pip._vendor import tomli as tomllib

HERE = Path(__file__).resolve().parent
LONG_AGO = (1980, 1, 1, 0, 0, 0)


def metadata(project, readme):
    lines = [
        "Metadata-Version: 2.1",
        f"Name: {project['name']}",
        f"Version: {project['version']}",
        f"Summary: {project['description']}",
        f"License: {project['license']['text']}",
        f"Requires-Python: {project['requires-python']}",
        *(f"Requires-Dist: {dependency}" for dependency in project["dependencies"]),
        *(
            f'Requires-Dist: {dependency}; extra == "{extra}"'
            for extra, dependencies in project.get("optional-dependencies", {}).items()
            for dependency in dependencies
        ),
        *(f"Provides-Extra: {extra}" for extra in project.get("optional-dependencies", {})),
        "Description-Content-Type: text/markdown",
        "",
        readme,
    ]
    return "\n".join(lines).encode()


def package_files(settings):
    for package in settings["packages"]:
        folder = HERE / package.replace(".", "/")
        data = settings.get("package-data", {}).get(package, [])
        for pattern in ["*.py", *data]:
            for file in folder.glob(pattern):
                yield file.relative_to(HERE).as_posix(), file.read_bytes()


def digest(content):
    return "sha256=" + base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()


def build(target):
    pyproject = tomllib.loads((HERE / "pyproject.toml").read_text(encoding="utf-8"))
    project = pyproject["project"]
    name = f"{project['name'].replace('-', '_')}-{project['version']}"
    info = f"{name}.dist-info"
    scripts = "".join(f"{script} = {function}\n" for script, function in project.get("scripts", {}).items())

    files = dict(sorted(package_files(pyproject["tool"]["setuptools"])))
    files[f"{info}/METADATA"] = metadata(project, (HERE / project["readme"]).read_text(encoding="utf-8"))
    files[f"{info}/WHEEL"] = b"Wheel-Version: 1.0\nGenerator: build_wheel\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
    if scripts:
        files[f"{info}/entry_points.txt"] = f"[console_scripts]\n{scripts}".encode()
    record = "".join(f"{path},{digest(content)},{len(content)}\n" for path, content in files.items())
    files[f"{info}/RECORD"] = (record + f"{info}/RECORD,,\n").encode()

    target.mkdir(parents=True, exist_ok=True)
    for old in target.glob("*.whl"):
        old.unlink()
    with zipfile.ZipFile(target / f"{name}-py3-none-any.whl", "w") as wheel:
        for path, content in files.items():
            entry = zipfile.ZipInfo(path, LONG_AGO)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            wheel.writestr(entry, content)


if __name__ == "__main__":
    build(Path(sys.argv[1]).resolve())
