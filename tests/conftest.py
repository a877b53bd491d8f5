"""For every test: the name of a case that is made from a long value tells its length instead."""

LONGEST = 60


def pytest_make_parametrize_id(val, argname):
    if isinstance(val, (str, bytes)) and len(val) > LONGEST:
        return f"{argname}-of-{len(val)}"
    return None
