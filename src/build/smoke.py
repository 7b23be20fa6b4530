# Runs inside the image: imports modules, exercises them, and tells what it finds line by line behind a mark.
import importlib
import json
import sys
import traceback


def tell(**facts):
    sys.stdout.flush()
    sys.stdout.write("\n" + mark + json.dumps(facts) + "\n")
    sys.stdout.flush()


def version_of(module, packages):
    version = getattr(module, "__version__", None)
    if isinstance(version, str):
        return version
    try:
        from importlib import metadata
    except ImportError:
        return ""
    for package in packages:
        try:
            return metadata.version(package)
        except Exception:
            pass
    return ""


def attempt(name, work):
    try:
        return work()
    except BaseException:
        traceback.print_exc()
        sys.stderr.flush()
        tell(failed=name)
        sys.exit(1)


def run(code):
    exec(compile(code, "<smoke test>", "exec"), {"__name__": "smoke_test"})


mark, gpu, probes = sys.argv[1], sys.argv[2] == "gpu", json.loads(sys.argv[3])
tell(python=sys.version.split()[0])
for probe in probes:
    name = probe["module"]
    tell(begin=name)
    module = attempt(name, lambda: importlib.import_module(name))
    if probe["exercise"]:
        attempt(name, lambda: run(probe["exercise"]))
    tell(module=name, version=version_of(module, probe["packages"]))
    if probe["cuda_build"]:
        built = attempt(name, lambda: eval(probe["cuda_build"], {name.split(".")[0]: module}))
        tell(cuda_build=str(built) if built else None)
    if probe["cuda"]:
        available = attempt(name, lambda: bool(eval(probe["cuda"], {name.split(".")[0]: module})))
        tell(cuda=available)
        if gpu and available and probe["gpu_exercise"]:
            attempt(name, lambda: run(probe["gpu_exercise"]))
tell(done=True)
