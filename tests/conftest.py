"""For every test: its order, and its name: a case that is made from a long value tells its length instead."""

LONGEST = 60

# What takes longest begins first, so that every processor has work to the end; then the system's tests, then the rest.
FIRST = ("test_reminders", "test_storms", "test_races", "test_live_designs", "test_mirror", "test_bad_input", "test_deviations",
         "test_erasure", "test_blinding", "test_participants", "test_allocation", "test_rotation", "test_withdrawal_race")


def pytest_collection_modifyitems(items):
    def place(item):
        name = item.path.stem
        return FIRST.index(name) if name in FIRST else len(FIRST) + (item.path.parent.name != "system")
    items.sort(key=place)


def pytest_make_parametrize_id(val, argname):
    if isinstance(val, (str, bytes)) and len(val) > LONGEST:
        return f"{argname}-of-{len(val)}"
    return None
