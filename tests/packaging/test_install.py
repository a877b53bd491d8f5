"""`make install` into an empty directory: what is put where, what the service may do, and what stays after."""
import os
import re
import stat
import subprocess

import pytest

import harness

ROOT = harness.ROOT

EXPECTED = {
    "etc/rctd/rctd.conf": 0o640,
    "opt/trials/bin/rctctl": 0o755,
    "opt/trials/sbin/rctd": 0o755,
    "opt/trials/lib/systemd/system/rctd.service": 0o644,
    "opt/trials/lib/systemd/system/rctd.socket": 0o644,
    "opt/trials/lib/sysusers.d/rctd.conf": 0o644,
    "opt/trials/lib/tmpfiles.d/rctd.conf": 0o644,
    "opt/trials/share/bash-completion/completions/rctctl": 0o644,
    "opt/trials/share/doc/rctd/LICENSE": 0o644,
    "opt/trials/share/doc/rctd/README.md": 0o644,
    "opt/trials/share/doc/rctd/examples/nginx.conf": 0o644,
    "opt/trials/share/doc/rctd/examples/rctd.conf": 0o644,
    "opt/trials/share/man/man1/rctctl.1": 0o644,
    "opt/trials/share/man/man5/rctd-ledger.5": 0o644,
    "opt/trials/share/man/man5/rctd-protocol.5": 0o644,
    "opt/trials/share/man/man5/rctd.conf.5": 0o644,
    "opt/trials/share/man/man7/rctd-allocation.7": 0o644,
    "opt/trials/share/man/man8/rctd.8": 0o644,
    "opt/trials/share/rctd/holidays/SE.yaml": 0o644,
    "opt/trials/share/rctd/protocols/e-h-work.yaml": 0o644,
    "opt/trials/share/rctd/protocols/fk-ostergotland.yaml": 0o644,
    "opt/trials/share/rctd/protocols/ttl-cooperation.yaml": 0o644,
    "opt/trials/share/rctd/protocols/work-together.yaml": 0o644,
}
UNIT = "opt/trials/lib/systemd/system/rctd.service"
CONFIGURATION = "etc/rctd/rctd.conf"


def make(target, destination):
    """Runs make as the suite itself was made: the same variables, but not its job server."""
    environment = {name: value for name, value in os.environ.items() if name not in ("MAKEFLAGS", "MFLAGS", "MAKELEVEL")}
    variables = os.environ.get("MAKEFLAGS", "").partition(" -- ")[2]
    if variables:
        environment["MAKEFLAGS"] = f"s -- {variables}"
    build = os.path.relpath(harness.BUILD, ROOT)
    done = subprocess.run(["make", "-s", "--no-print-directory", target, f"BUILD={build}", f"DESTDIR={destination}",
                           "prefix=/opt/trials", "sysconfdir=/etc"], cwd=ROOT, env=environment, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    assert done.returncode == 0, done.stdout
    return done.stdout


def files(destination):
    """Every file under the directory with its mode."""
    return {str(path.relative_to(destination)): stat.S_IMODE(path.stat().st_mode)
            for path in sorted(destination.rglob("*")) if not path.is_dir()}


@pytest.fixture(name="installed", scope="module")
def install_once(tmp_path_factory):
    destination = tmp_path_factory.mktemp("destination")
    make("install", destination)
    return destination


def test_everything_is_put_in_its_place_and_nothing_else(installed):
    assert files(installed) == EXPECTED


def test_the_installed_programs_run(installed):
    for program in ("sbin/rctd", "bin/rctctl"):
        done = subprocess.run([installed / "opt/trials" / program, "--version"], text=True, capture_output=True, check=True)
        assert re.search(r"\b\d+\.\d+\.\d+\b", done.stdout)


def test_bash_completes_the_commands(installed):
    script = installed / "opt/trials/share/bash-completion/completions/rctctl"
    done = subprocess.run(
        ["bash", "-c", f". {script}; COMP_WORDS=(rctctl al); COMP_CWORD=1; COMP_LINE='rctctl al'; COMP_POINT=9; "
         "$(complete -p rctctl | sed 's/.*-F \\([^ ]*\\).*/\\1/') rctctl al rctctl; echo \"${COMPREPLY[@]}\""],
        text=True, capture_output=True, check=True)
    assert "allocate" in done.stdout.split()


def test_the_units_name_the_prefix_they_were_installed_to(installed):
    text = (installed / UNIT).read_text(encoding="utf-8")
    assert "ExecStart=/opt/trials/sbin/rctd --config /etc/rctd/rctd.conf" in text
    assert "/usr/local" not in text


def test_the_service_is_exposed_to_little(installed):
    done = subprocess.run(["systemd-analyze", "security", "--no-pager", "--offline=true", "--threshold=20",
                           str(installed / UNIT)], text=True, capture_output=True, check=False)
    assert done.returncode == 0, done.stdout


def test_systemd_takes_both_units(installed, tmp_path):
    """The program stands elsewhere here: the path is exchanged for the one that is there."""
    for unit in ("rctd.service", "rctd.socket"):
        text = (installed / UNIT).with_name(unit).read_text(encoding="utf-8")
        (tmp_path / unit).write_text(text.replace("/opt/trials", f"{installed}/opt/trials"), encoding="utf-8")
    done = subprocess.run(["systemd-analyze", "verify", "--man=no", str(tmp_path / "rctd.service"),
                           str(tmp_path / "rctd.socket")], text=True, capture_output=True, check=False)
    said = [line for line in done.stderr.splitlines() if "rctd" in line]
    assert (done.returncode, said) == (0, []), done.stderr


def test_systemd_knows_the_user_and_the_directories(installed):
    sysusers = installed / "opt/trials/lib/sysusers.d/rctd.conf"
    tmpfiles = installed / "opt/trials/lib/tmpfiles.d/rctd.conf"
    user = subprocess.run(["systemd-sysusers", "--dry-run", str(sysusers)], text=True, capture_output=True, check=True)
    assert "rctd" in user.stdout + user.stderr
    paths = re.findall(r"^\w (\S+)", tmpfiles.read_text(encoding="utf-8"), re.MULTILINE)
    assert "/etc/rctd/master.key" in paths


def test_a_configuration_that_is_there_is_never_overwritten(tmp_path):
    make("install", tmp_path)
    own = tmp_path / CONFIGURATION
    own.write_text("listen = 127.0.0.1:9\n", encoding="utf-8")
    said = make("install", tmp_path)
    assert own.read_text(encoding="utf-8") == "listen = 127.0.0.1:9\n"
    assert "is kept" in said
    said = make("uninstall", tmp_path)
    assert "is kept" in said
    assert list(files(tmp_path)) == [CONFIGURATION]


def test_uninstall_leaves_nothing(tmp_path):
    make("install", tmp_path)
    make("uninstall", tmp_path)
    assert files(tmp_path) == {}
    for directory in ("etc/rctd", "opt/trials/share/rctd", "opt/trials/share/doc/rctd"):
        assert not (tmp_path / directory).exists()
