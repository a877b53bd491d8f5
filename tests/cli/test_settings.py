"""Where address and token come from, and that the token stays secret."""
import os

import pytest

TOKEN = "rctd_0123456789abcdefghijklmnopqrstuvwxyzABCDEFG"
ME = {"name": "anna", "display": "Anna Berg", "organisation": "", "roles": []}


@pytest.fixture(name="config")
def write_config(rctctl):
    def write(text, mode=0o600, directory=None):
        folder = os.path.join(directory or os.path.join(rctctl.home, ".config"), "rctd")
        os.makedirs(folder, exist_ok=True)
        path = os.path.join(folder, "rctctl.conf")
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        os.chmod(path, mode)
        return path
    return write


def test_the_users_file_gives_address_and_token(rctctl, server, config):
    server.answers["GET /v1/me"] = [ME]
    config(f"# mine\nurl = {server.url}/\n\n  token={TOKEN}  \n")
    done = rctctl("whoami")
    assert done.returncode == 0, done.stderr
    assert server.header("Authorization") == f"Bearer {TOKEN}"
    assert server.requests[0][1] == "/v1/me"


def test_xdg_config_home_is_respected(rctctl, server, config, tmp_path):
    server.answers["GET /v1/me"] = [ME]
    config(f"url = {server.url}\ntoken = {TOKEN}\n", directory=str(tmp_path / "elsewhere"))
    assert rctctl("whoami", XDG_CONFIG_HOME=str(tmp_path / "elsewhere")).returncode == 0


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o644, 0o620])
def test_a_file_that_others_can_read_is_refused(rctctl, server, config, mode):
    server.answers["GET /v1/me"] = [ME]
    path = config(f"url = {server.url}\ntoken = {TOKEN}\n", mode)
    done = rctctl("whoami")
    assert done.returncode == 6
    assert f"chmod 600 {path}" in done.stderr
    assert TOKEN not in done.stderr
    assert server.requests == []


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file away")
def test_a_file_of_another_user_is_refused(rctctl, server, config):
    path = config(f"url = {server.url}\ntoken = {TOKEN}\n")
    os.chown(path, 65534, 65534)
    done = rctctl("whoami")
    assert done.returncode == 6
    assert "belongs to another user" in done.stderr
    assert server.requests == []


@pytest.mark.parametrize("text, said", [
    ("url http://127.0.0.1\n", ":1: there is no `=`"), ("token = x\nsecret = y\n", ":2: `secret` is not a setting")])
def test_a_mistake_in_the_file_is_named_by_its_line(rctctl, config, text, said):
    path = config(text)
    done = rctctl("whoami")
    assert done.returncode == 6
    assert path + said in done.stderr


def test_the_environment_goes_before_the_file_and_options_before_both(rctctl, server, config, tmp_path):
    server.answers["GET /v1/me"] = [ME]
    config("url = http://127.0.0.1:1\ntoken = from-file\n")
    assert rctctl("whoami", RCTD_URL=server.url, RCTD_TOKEN="from-environment").returncode == 0
    assert server.header("Authorization") == "Bearer from-environment"
    named = tmp_path / "named.token"
    named.write_text("from-option\n")
    named.chmod(0o600)
    done = rctctl("whoami", "--url", server.url, "--token-file", str(named),
                  RCTD_URL="http://127.0.0.1:1", RCTD_TOKEN="from-environment")
    assert done.returncode == 0, done.stderr
    assert server.header("Authorization") == "Bearer from-option"


def test_a_token_file_that_others_can_read_is_refused(rctctl, server, tmp_path):
    named = tmp_path / "named.token"
    named.write_text(TOKEN)
    named.chmod(0o644)
    done = rctctl("whoami", "--url", server.url, "--token-file", str(named))
    assert done.returncode == 6
    assert f"chmod 600 {named}" in done.stderr
    assert server.requests == []


def test_a_token_file_that_is_not_there_is_named(rctctl, server, tmp_path):
    done = rctctl("whoami", "--url", server.url, "--token-file", str(tmp_path / "anna.tokn"))
    assert done.returncode == 3
    assert f"{tmp_path}/anna.tokn cannot be opened: No such file" in done.stderr


def test_an_empty_token_file_is_named(rctctl, server, tmp_path):
    named = tmp_path / "empty.token"
    named.write_text("\n")
    named.chmod(0o600)
    done = rctctl("whoami", "--url", server.url, "--token-file", str(named))
    assert done.returncode == 6
    assert f"{named} is empty" in done.stderr
    assert server.requests == []


def test_a_token_that_could_forge_a_header_is_refused(rctctl, server):
    done = rctctl("whoami", RCTD_URL=server.url, RCTD_TOKEN="abc\r\nX-Forged: 1")
    assert done.returncode == 6
    assert server.requests == []


def test_without_a_token_the_user_hears_where_to_put_it(rctctl, server):
    server.answers["GET /v1/me"] = [(401, {"type": "urn:rctd:problem:unauthenticated", "status": 401}, {})]
    done = rctctl("whoami", RCTD_URL=server.url)
    assert done.returncode == 5
    assert "RCTD_TOKEN" in done.stderr and "--token-file" in done.stderr


@pytest.mark.parametrize("url", ["ftp://127.0.0.1", "file:///etc/passwd", "127.0.0.1:8470", "http://", "http://u:p@h"])
def test_what_is_not_an_address_of_rctd_is_refused(rctctl, url):
    done = rctctl("whoami", "--url", url, RCTD_TOKEN=TOKEN)
    assert done.returncode == 6, done.stderr
    assert TOKEN not in done.stderr


def test_the_token_is_in_no_output(asked, server):
    server.answers["GET /v1/me"] = [(500, {"type": "urn:rctd:problem:internal", "status": 500, "detail": "x"}, {})]
    for arguments in (["whoami"], ["whoami", "--json"], ["whoami", "--csv"]):
        done = asked(*arguments)
        assert done.returncode == 1
        assert "a-token-of-the-test" not in done.stdout + done.stderr
